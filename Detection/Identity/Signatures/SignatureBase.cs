using System.Text;

namespace Weir.Detection.Identification.Signatures;

/// <summary>Builds the text that a signature is made over (RFC 9421 §2.5).</summary>
/// <remarks>Components it does not know, with parameters it does not know, or of a header that did not arrive are no forgery: the signature
/// cannot be judged.</remarks>
internal static class SignatureBase
{
    // Each line is a bounded part of a request whose headers the server bounds; this only guards callers without a server.
    private const int MaxLength = 256 * 1024;

    /// <summary>Builds the base of a request's signature.</summary>
    /// <param name="request">What was signed.</param>
    /// <param name="scheme">The scheme to take for <c>@scheme</c>, <c>@target-uri</c> and the default port.</param>
    /// <param name="input">The member of Signature-Input.</param>
    /// <param name="isAnswer">Whether an answer was signed: then components marked <c>req</c> are of <paramref name="request"/>, and fields of
    /// the answer. A request has no request before it, so there the mark is refused.</param>
    /// <returns>The bytes; null when they cannot be known.</returns>
    public static byte[]? Build(ISignedRequest request, string scheme, FieldItem input, bool isAnswer = false)
    {
        if (input.Inner is null)
            return null;
        var text = new StringBuilder(512);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var component in input.Inner)
        {
            if (component.Value.Kind != BareKind.String)
                return null;
            int start = text.Length;
            StructuredFieldText.Append(text, component);
            // RFC 9421 §2: each identifier once.
            if (!seen.Add(text.ToString(start, text.Length - start)))
                return null;
            text.Append(": ");
            if (!TryAppendValue(text, request, scheme, component, isAnswer) || text.Length > MaxLength)
                return null;
            text.Append('\n');
        }
        text.Append("\"@signature-params\": ");
        StructuredFieldText.Append(text, input);
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static bool TryAppendValue(StringBuilder text, ISignedRequest request, string scheme, FieldItem component, bool isAnswer)
    {
        string name = component.Value.Text;
        string? key = null;
        bool isStructured = false, isOfRequest = false;
        foreach (var (parameter, value) in component.Parameters)
        {
            if (parameter == "key" && value.Kind == BareKind.String)
                key = value.Text;
            else if (parameter == "sf" && value == BareItem.True)
                isStructured = true;
            else if (parameter == "req" && value == BareItem.True && isAnswer)
                isOfRequest = true;
            else
                return false; // bs, tr, name and whatever comes later
        }
        if (name is ['@', ..])
            return key is null && !isStructured && isOfRequest == isAnswer && Derived(request, scheme, name) is { Length: > 0 } value
                && TryAppendText(text, value);
        return !isOfRequest && TryAppendField(text, request, name, key, isStructured);
    }

    // Empty when it is not known, as the authority of a line that names no host; null for a component that is not supported.
    private static string? Derived(ISignedRequest request, string scheme, string name)
    {
        string target = request.PathAndQuery, authority = Authority(request.Authority, scheme);
        int question = target.IndexOf('?');
        return name switch
        {
            "@method" => request.Method,
            "@scheme" => scheme,
            "@authority" => authority,
            "@target-uri" => authority.Length == 0 ? "" : $"{scheme}://{authority}{target}",
            "@request-target" => target,
            "@path" => question < 0 ? target : target[..question],
            "@query" => question < 0 ? "?" : target[question..],
            _ => null,
        };
    }

    /// <summary>RFC 9421 §2.2.3: lower case, without the scheme's own port.</summary>
    private static string Authority(string authority, string scheme)
    {
        string port = scheme == "https" ? ":443" : ":80";
        return (authority.EndsWith(port, StringComparison.Ordinal) ? authority[..^port.Length] : authority).ToLowerInvariant();
    }

    private static bool TryAppendField(StringBuilder text, ISignedRequest request, string name, string? key, bool isStructured)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyInRange('A', 'Z') || request.Field(name) is not { } value)
            return false;
        if (key is not null)
        {
            if (!StructuredFieldReader.TryReadDictionary(value, out var members) || members.FindIndex(m => m.Key == key) is not (>= 0 and var at))
                return false;
            StructuredFieldText.Append(text, members[at].Item);
            return true;
        }
        return isStructured ? TryAppendStructured(text, name, value) : TryAppendText(text, value.Trim(' ', '\t'));
    }

    // The type of a structured field has to be known to write it anew; this is the one that is.
    private static bool TryAppendStructured(StringBuilder text, string name, string value)
    {
        if (name != "signature-agent")
            return false;
        if (StructuredFieldReader.TryReadItem(value, out var item))
            StructuredFieldText.Append(text, item);
        else if (StructuredFieldReader.TryReadDictionary(value, out var members))
            StructuredFieldText.Append(text, members);
        else
            return false;
        return true;
    }

    // A line end inside a value would write lines of its own; beyond ASCII nobody knows which bytes the signer saw.
    private static bool TryAppendText(StringBuilder text, string value)
    {
        foreach (char c in value)
        {
            if (c is (< ' ' and not '\t') or > '~')
                return false;
        }
        text.Append(value);
        return true;
    }
}
