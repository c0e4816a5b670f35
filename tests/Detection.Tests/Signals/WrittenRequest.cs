using Weir.Detection;
using Weir.Detection.Lines;

namespace Weir.Tests.Signals;

/// <summary>Whole requests as clients send them, header lines in their order.</summary>
internal static class WrittenRequest
{
    /// <summary>JA4 of a Chrome of 2024 and of a Firefox of the same time, as published.</summary>
    public const string ChromeJa4 = "t13d1516h2_8daaf6152771_e5627efa2ab1";

    public static Verdict Classify(string lines, Transport transport = Transport.Tls, byte http = 20, string? ja4 = null, string method = "GET",
        string path = "/")
    {
        var headers = new WrittenHeaders();
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int colon = line.IndexOf(':');
            headers.Add(line.AsSpan(..colon), line.AsSpan(colon + 1).Trim());
        }
        TlsFacts? tls = null;
        Assert.True(ja4 is null || TlsFacts.TryParse(ja4, out tls));
        return Requests.Detector.Classify(new RequestFacts
        {
            TimeMs = Requests.Now.ToUnixTimeMilliseconds(),
            Method = method,
            Path = path,
            UserAgent = headers.UserAgent,
            Referrer = headers.Referrer,
            Host = headers.Host,
            Headers = headers.Facts(http, transport),
            Tls = tls,
        });
    }

    public static List<Reason> Reasons(Verdict verdict)
    {
        List<Reason> reasons = [];
        foreach (var reason in verdict.Reasons)
            reasons.Add(reason);
        return reasons;
    }
}
