namespace Weir.Detection.Identification.Signatures;

/// <summary>One signature of a request as its headers say it, held against the profile.</summary>
/// <param name="Label">Its key in Signature-Input and Signature.</param>
/// <param name="Input">Its member of Signature-Input.</param>
/// <param name="Bytes">The signature.</param>
internal sealed record WebBotAuthSignature(string Label, FieldItem Input, byte[] Bytes)
{
    /// <summary>The tag of the profile.</summary>
    public const string Tag = "web-bot-auth";

    private const string AgentField = "signature-agent";

    /// <summary>The thumbprint of the key.</summary>
    public string KeyId => Input.Find("keyid", BareKind.String)?.Text ?? "";

    /// <summary>The nonce; null without.</summary>
    public string? Nonce => Input.Find("nonce", BareKind.String)?.Text;

    /// <summary>When it ends, milliseconds since 1970-01-01 UTC.</summary>
    public long ExpiresMs => (Input.Find("expires", BareKind.Integer)?.Number ?? 0) * 1000;

    /// <summary>Finds out in whose name it was made.</summary>
    /// <param name="header">Signature-Agent: a dictionary with a member per signature, or one string as earlier drafts wrote.</param>
    /// <param name="agent">The agent, when the answer is <see cref="SignatureResult.Valid"/>.</param>
    /// <param name="isCovered">Whether the signature covers that member.</param>
    public SignatureResult ReadAgent(string? header, out string? agent, out bool isCovered)
    {
        agent = null;
        isCovered = false;
        if (header is null)
            return SignatureResult.AgentMissing;
        FieldItem member;
        if (header.AsSpan().TrimStart(' ') is ['"', ..])
        {
            if (!StructuredFieldReader.TryReadItem(header, out member))
                return SignatureResult.Unreadable;
            isCovered = Input.Inner is { } covered && covered.Any(c => IsAgentField(c) && c.Find("key") is null);
        }
        else if (!StructuredFieldReader.TryReadDictionary(header, out var members))
            return SignatureResult.Unreadable;
        else if (FindMember(members, out isCovered) is { } found)
            member = found;
        else
            return SignatureResult.AgentMissing;
        // Other types resolve to keys in other ways; the draft forbids to guess.
        bool isDirectory = member.Find("type") is not { } type || type is { Kind: BareKind.Token, Text: "directory" };
        return member.Inner is null && member.Value.Kind == BareKind.String && isDirectory && AgentName.TryParse(member.Value.Text, out agent)
            ? SignatureResult.Valid : SignatureResult.Unsupported;
    }

    /// <summary>Checks everything that needs no key.</summary>
    public SignatureResult CheckProfile(long timeMs, WebBotAuthOptions options)
    {
        if (Input.Find("created", BareKind.Integer) is not { } created || Input.Find("expires", BareKind.Integer) is null || KeyId.Length == 0)
            return SignatureResult.Incomplete;
        if (Input.Find("alg") is { } algorithm && algorithm is not { Kind: BareKind.String, Text: "ed25519" })
            return SignatureResult.Unsupported;
        if (Bytes.Length != SigningKey.SignatureLength)
            return SignatureResult.Unsupported;
        if (Input.Inner is not { } covered || !covered.Any(c => c.Value is { Kind: BareKind.String, Text: "@authority" or "@target-uri" }))
            return SignatureResult.AuthorityNotCovered;
        // Fifteen digits of seconds are far from the end of a long, even in milliseconds.
        long createdMs = created.Number * 1000, skewMs = (long)options.ClockSkewMax.TotalMilliseconds;
        if (createdMs > timeMs + skewMs)
            return SignatureResult.NotYetValid;
        if (ExpiresMs < timeMs - skewMs || ExpiresMs < createdMs)
            return SignatureResult.Expired;
        return ExpiresMs - createdMs > options.LifeMax.TotalMilliseconds ? SignatureResult.LivesTooLong : SignatureResult.Valid;
    }

    // The member that is covered counts, by whatever key: the published examples name it otherwise than the signature. A member that is not
    // covered only tells whose name is being used.
    private FieldItem? FindMember(List<FieldMember> members, out bool isCovered)
    {
        isCovered = true;
        string? covered = null;
        foreach (var component in Input.Inner ?? [])
        {
            if (!IsAgentField(component))
                continue;
            if (component.Find("key", BareKind.String)?.Text is not { } key)
                covered = members.Count == 1 ? members[0].Key : Label; // the whole header, which covers each member
            else if (covered is null || key == Label)
                covered = key;
        }
        int at = members.FindIndex(m => m.Key == (covered ?? Label));
        if (at >= 0)
        {
            isCovered = covered is not null;
            return members[at].Item;
        }
        isCovered = false;
        return covered is null && members.Count == 1 ? members[0].Item : null;
    }

    private static bool IsAgentField(FieldItem component) => component.Value is { Kind: BareKind.String, Text: AgentField };
}
