namespace Weir.Detection.Identification.Signatures;

/// <summary>What is believed of signatures.</summary>
public sealed record WebBotAuthOptions
{
    /// <summary>The longest time from <c>created</c> to <c>expires</c>; what the draft recommends.</summary>
    public TimeSpan LifeMax { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far the signer's clock may be off.</summary>
    public TimeSpan ClockSkewMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Signatures checked a second at most; at 60 µs each, this is an eighth of one core.</summary>
    public int ChecksPerSecond { get; init; } = 2_000;

    /// <summary>Nonces remembered at most, about 50 bytes each.</summary>
    public int NoncesMax { get; init; } = 1 << 20;
}

/// <summary>Checks Web Bot Auth signatures: RFC 9421 as draft-meunier-webbotauth-httpsig-protocol narrows it, Ed25519 alone.</summary>
/// <remarks>What cannot be judged (no tag, an unknown algorithm or component, no keys, over the budget) is never a forgery. A nonce may be used
/// once; a signature without a nonce may come again until it expires, because the draft asks for none and its clients may sign once for a
/// while.</remarks>
public sealed class WebBotAuth(ISigningKeys keys, TimeProvider time, WebBotAuthOptions? options = null) : ISignatureCheck
{
    // Each costs a check; a chain of proxies that sign has two.
    private const int SignaturesMax = 3;

    private readonly WebBotAuthOptions _options = options ?? new();
    private readonly RateBudget _budget = new(time, (options ?? new()).ChecksPerSecond, (options ?? new()).ChecksPerSecond);
    private readonly ReplayMemory _nonces = new((options ?? new()).NoncesMax);

    /// <summary>Where keys come from.</summary>
    public ISigningKeys Keys => keys;

    /// <summary>What became of every signature since the start.</summary>
    public SignatureCounts Counts { get; } = new();

    /// <inheritdoc/>
    public SignatureAnswer Check(ISignedRequest request, long timeMs)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (result, agent) = CheckAll(request, timeMs);
        Counts.Add(result);
        var outcome = SignatureCounts.OutcomeOf(result);
        return new SignatureAnswer(outcome, outcome == SignatureOutcome.None ? null : agent);
    }

    private (SignatureResult Result, string? Agent) CheckAll(ISignedRequest request, long timeMs)
    {
        if (!StructuredFieldReader.TryReadDictionary(request.Field("signature-input"), out var inputs)
            || !StructuredFieldReader.TryReadDictionary(request.Field("signature"), out var signatures))
            return (SignatureResult.Unreadable, null);
        (SignatureResult Result, string? Agent) best = (SignatureResult.OtherTag, null);
        int judged = 0;
        foreach (var (label, input) in inputs)
        {
            if (input.Find("tag", BareKind.String)?.Text != WebBotAuthSignature.Tag || judged++ == SignaturesMax)
                continue;
            int at = signatures.FindIndex(s => s.Key == label);
            var answer = at < 0 || signatures[at].Item.Value.Bytes is not { } bytes ? (SignatureResult.Unreadable, null)
                : Check(request, new WebBotAuthSignature(label, input, bytes), timeMs);
            if (answer.Item1 == SignatureResult.Valid)
                return answer;
            if (Weight(answer.Item1) > Weight(best.Result) || judged == 1)
                best = answer;
        }
        return best;
    }

    // Of several signatures, the one that says most: a true one, else one that may still turn out true, else a false one.
    private static int Weight(SignatureResult result) => SignatureCounts.OutcomeOf(result) switch
    {
        SignatureOutcome.Valid => 3,
        SignatureOutcome.KeyUnderWay => 2,
        SignatureOutcome.Invalid => 1,
        _ => 0,
    };

    private (SignatureResult Result, string? Agent) Check(ISignedRequest request, WebBotAuthSignature signature, long timeMs)
    {
        var result = signature.ReadAgent(request.Field("signature-agent"), out string? agent, out bool isAgentCovered);
        if (result != SignatureResult.Valid)
            return (result, null);
        if (!keys.Covers(agent!))
            return (SignatureResult.AgentNotKnown, null);
        result = isAgentCovered ? signature.CheckProfile(timeMs, _options) : SignatureResult.AgentNotCovered;
        return (result == SignatureResult.Valid ? CheckKey(request, signature, agent!, timeMs) : result, agent);
    }

    private SignatureResult CheckKey(ISignedRequest request, WebBotAuthSignature signature, string agent, long timeMs)
    {
        switch (keys.Find(agent, signature.KeyId, out var key))
        {
            case KeyState.UnderWay:
                return SignatureResult.KeyUnderWay;
            case KeyState.NotInDirectory:
                return SignatureResult.KeyNotInDirectory;
            case KeyState.Unavailable:
                return SignatureResult.KeysUnavailable;
        }
        var result = CheckBytes(request, signature, key!);
        if (result != SignatureResult.Valid || signature.Nonce is not { } nonce)
            return result;
        long untilMs = signature.ExpiresMs + (long)_options.ClockSkewMax.TotalMilliseconds;
        return _nonces.Note(key!.Thumbprint, nonce, untilMs, timeMs) switch
        {
            ReplayAnswer.Seen => SignatureResult.Replayed,
            ReplayAnswer.Full => SignatureResult.ReplayMemoryFull,
            _ => SignatureResult.Valid,
        };
    }

    // A proxy that ends TLS in front and is not configured as trusted hides the scheme: then the other one is what the client signed.
    private SignatureResult CheckBytes(ISignedRequest request, WebBotAuthSignature signature, SigningKey key)
    {
        string seen = request.Scheme == "http" ? "http" : "https";
        var first = SignatureBase.Build(request, seen, signature.Input);
        if (first is null)
            return SignatureResult.Unsupported;
        if (!_budget.TryTake())
            return SignatureResult.OverBudget;
        if (key.IsTrue(first, signature.Bytes))
            return SignatureResult.Valid;
        var second = SignatureBase.Build(request, seen == "http" ? "https" : "http", signature.Input);
        if (second is null || first.AsSpan().SequenceEqual(second))
            return SignatureResult.False;
        if (!_budget.TryTake())
            return SignatureResult.OverBudget;
        return key.IsTrue(second, signature.Bytes) ? SignatureResult.Valid : SignatureResult.False;
    }
}
