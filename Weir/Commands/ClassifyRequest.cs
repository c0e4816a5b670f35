using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Detection.Lines;

namespace Weir.Commands;

/// <summary>One request as the flags say it.</summary>
internal sealed record ClassifyRequest(string UserAgent, string? Address, string Referrer, string[] Headers, string Path, long TimeMs)
    : ISignedRequest
{
    /// <summary>Request method.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>JA4 of the TLS greeting.</summary>
    public string? Ja4 { get; init; }

    /// <summary>Whether the request came over TLS; null when the flags do not say.</summary>
    public bool? IsTls { get; init; }

    /// <summary>HTTP version; null when the flags do not say.</summary>
    public string? HttpVersion { get; init; }

    /// <summary>The facts, borrowing this record's texts.</summary>
    public RequestFacts Facts()
    {
        int question = Path.IndexOf('?');
        var headers = new WrittenHeaders();
        foreach (string header in Headers)
        {
            int colon = header.IndexOf(':');
            headers.Add(header.AsSpan(0, colon).Trim(), header.AsSpan(colon + 1).Trim());
        }
        byte version = HttpVersionText.TryParse(HttpVersion, out byte said) ? said : (byte)0;
        var tls = TlsFacts.TryParse(Ja4, out var greeting) ? greeting : null;
        var transport = tls is not null || IsTls == true ? Transport.Tls : IsTls == false ? Transport.Plain : Transport.Unknown;
        return new RequestFacts
        {
            TimeMs = TimeMs,
            ClientAddress = ClientAddress.TryParse(Address, out var address) ? address : default,
            UserAgent = UserAgent.Length > 0 ? UserAgent : headers.UserAgent,
            Referrer = Referrer.Length > 0 ? Referrer : headers.Referrer,
            Host = headers.Host,
            Path = question < 0 ? Path : Path.AsSpan(0, question),
            Query = question < 0 ? default : Path.AsSpan(question + 1),
            Headers = headers.Facts(version, transport),
            Tls = tls,
            Method = Method,
            Signed = Field("Signature-Input") is not null ? this : null,
        };
    }

    // The flags do not say; both are tried.
    string ISignedRequest.Scheme => "https";

    string ISignedRequest.Authority => Field("Host") ?? "";

    string ISignedRequest.PathAndQuery => Path;

    /// <summary>All values of a header in one, as a signature covers them; null without one.</summary>
    public string? Field(string name)
    {
        var values = Headers.Where(h => h.AsSpan(0, h.IndexOf(':')).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(h => h[(h.IndexOf(':') + 1)..].Trim()).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }
}
