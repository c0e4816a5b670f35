using Weir.Detection;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>Step 5: hands the request's facts to Detection. Allocates nothing for headers sent once.</summary>
internal sealed class Classification(Detector detector, SignedRequests signed)
{
    /// <summary>Classifies the request.</summary>
    public void Classify(RequestContext r)
    {
        var request = r.Http.Request;
        var headers = request.Headers;
        r.Verdict = detector.Classify(new RequestFacts
        {
            TimeMs = r.TimeMs,
            ClientAddress = r.ClientAddress,
            Method = request.Method,
            Host = HostName.Normalize(headers.Host.ToString()),
            Path = r.Path,
            Query = r.Query,
            UserAgent = headers.UserAgent.ToString(),
            Referrer = headers.Referer.ToString(),
            Headers = new HeaderFacts
            {
                AreKnown = true,
                Accept = headers.Accept.ToString(),
                AcceptLanguage = headers.AcceptLanguage.ToString(),
                AcceptEncoding = headers.AcceptEncoding.ToString(),
                SecChUa = headers["Sec-CH-UA"].ToString(),
                SecFetchMode = headers["Sec-Fetch-Mode"].ToString(),
                HasCookie = headers.Cookie.Count > 0,
                HttpVersion = HttpVersionOf(request.Protocol),
            },
            Signed = headers["Signature-Input"].Count > 0 ? signed.Read(r) : null,
        });
    }

    /// <summary>HTTP version times ten: 10, 11, 20, 30; 0 when unknown.</summary>
    public static byte HttpVersionOf(string protocol) => protocol switch
    {
        "HTTP/1.1" => 11,
        "HTTP/2" => 20,
        "HTTP/3" => 30,
        "HTTP/1.0" => 10,
        _ => 0,
    };
}
