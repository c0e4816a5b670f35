using System.Security.Authentication;
using Microsoft.AspNetCore.Http;
using Weir.Detection;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>Step 5: hands the request's facts to Detection. Allocates nothing for headers sent once.</summary>
internal sealed class Classification(Detector detector, SignedRequests signed, SecureTransport secure)
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
            IsAddressHidden = r.Site.Settings.Privacy.Addresses != AddressForm.Full,
            Method = request.Method,
            Host = HostName.Normalize(headers.Host.ToString()),
            Path = r.Path,
            Query = r.Query,
            PathMark = r.OwnPage == OwnPage.None ? r.Site.MarkOf(r.Path) : r.OwnMark,
            UserAgent = headers.UserAgent.ToString(),
            Referrer = headers.Referer.ToString(),
            Headers = HeadersOf(r, request, headers),
            // Behind a proxy of ours the greeting is the proxy's.
            Tls = r.Connection.IsPeerTrusted ? null : r.Connection.Tls,
            Signed = headers["Signature-Input"].Count > 0 ? signed.Read(r) : null,
        });
    }

    private HeaderFacts HeadersOf(RequestContext r, HttpRequest request, IHeaderDictionary headers)
    {
        bool isRelayed = r.Connection.IsPeerTrusted;
        // Most requests of programs have neither, and so cost one look-up each.
        var hints = headers["Sec-CH-UA"];
        var fetchMode = headers["Sec-Fetch-Mode"];
        bool hasHints = hints.Count > 0, hasFetch = fetchMode.Count > 0;
        return new HeaderFacts
        {
            AreKnown = true,
            Accept = headers.Accept.ToString(),
            AcceptLanguage = headers.AcceptLanguage.ToString(),
            AcceptEncoding = headers.AcceptEncoding.ToString(),
            SecChUa = hints.ToString(),
            SecChUaMobile = hasHints ? headers["Sec-CH-UA-Mobile"].ToString() : "",
            SecChUaPlatform = hasHints ? headers["Sec-CH-UA-Platform"].ToString() : "",
            SecFetchSite = hasFetch ? headers["Sec-Fetch-Site"].ToString() : "",
            SecFetchMode = fetchMode.ToString(),
            SecFetchDest = hasFetch ? headers["Sec-Fetch-Dest"].ToString() : "",
            SecFetchUser = hasFetch ? headers["Sec-Fetch-User"].ToString() : "",
            HasCookie = headers.Cookie.Count > 0,
            HasUpgradeInsecure = headers.UpgradeInsecureRequests.Count > 0,
            HasRequestedWith = headers.XRequestedWith.Count > 0,
            IsWebSocket = headers.SecWebSocketVersion.Count > 0,
            HasProxyMarks = HasProxyMarks(headers, isRelayed),
            IsRelayed = isRelayed,
            // The proxy's version says nothing of the client's.
            HttpVersion = isRelayed ? (byte)0 : HttpVersionOf(request.Protocol),
            Transport = TransportOf(r),
        };
    }

    // A proxy of ours leaves marks on every request; two entries in Via mean that another came before it.
    private static bool HasProxyMarks(IHeaderDictionary headers, bool isRelayed)
    {
        if (isRelayed)
            return headers.Via.Count > 1 || headers.Via.ToString().Contains(',');
        return headers.Via.Count > 0 || headers["X-Forwarded-For"].Count > 0 || headers["Forwarded"].Count > 0;
    }

    private Transport TransportOf(RequestContext r)
    {
        if (!r.Connection.IsPeerTrusted)
            return r.Connection.TlsVersion == SslProtocols.None ? Transport.Plain : Transport.Tls;
        return secure.SaidOf(r) switch
        {
            "https" => Transport.Tls,
            "http" => Transport.Plain,
            _ => Transport.Unknown,
        };
    }

    /// <summary>Tells how the request ended, for the next one of its client.</summary>
    public void Complete(RequestContext r)
    {
        var response = r.Http.Response;
        // The script is the edge's: it makes no host one that serves its pages' parts, and calling it is no page.
        if (r.OwnPage >= OwnPage.BeaconScript)
            return;
        // What the client never saw, and what went wrong behind the edge, is nobody's behaviour.
        // A refusal by the site's own rules is not: held against the client, it would make more refusals.
        if ((r.Error == EdgeError.ClientAborted && !response.HasStarted) || response.StatusCode >= 500 || r.Policy.Action.IsRefusal())
            return;
        detector.Complete(new RequestOutcome
        {
            TimeMs = r.TimeMs,
            ClientAddress = r.ClientAddress,
            Path = r.Path,
            Host = HostName.Normalize(r.Http.Request.Headers.Host.ToString()),
            ContentType = response.ContentType,
            Status = (ushort)response.StatusCode,
            HasReferrer = r.Http.Request.Headers.Referer.Count > 0,
            OfferedScript = r.OfferedScript,
            OfferedCookie = response.Headers.SetCookie.Count > 0,
            DurationMs = (uint)Math.Clamp(r.Elapsed.TotalMilliseconds, 0, uint.MaxValue),
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
