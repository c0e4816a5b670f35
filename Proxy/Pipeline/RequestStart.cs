using System.Security.Authentication;
using Microsoft.AspNetCore.Http;
using Weir.Detection.Places;
using Weir.Proxy.Connection;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>Gives a request its time and its id.</summary>
internal sealed class RequestStart(HitIds ids, TimeProvider time)
{
    /// <summary>Begins a request.</summary>
    public void Begin(RequestContext r, HttpContext http)
    {
        long timeMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        r.Begin(http, timeMs, time.GetTimestamp(), ids.Next(timeMs));
    }
}

/// <summary>Step 1: what is true of the connection.</summary>
internal sealed class ConnectionReader(TrustedProxies trusted)
{
    /// <summary>Takes the facts that the connection keeps, or reads them where it keeps none: one of HTTP/3, always TLS 1.3.</summary>
    public void Read(RequestContext r) =>
        r.Connection = r.Http.Features.Get<ConnectionFacts>()
            ?? ConnectionFacts.Of(r.Http.Connection.RemoteIpAddress, trusted, r.Http.Request.IsHttps ? SslProtocols.Tls13 : SslProtocols.None);
}

/// <summary>Step 2: who asks, and from where.</summary>
internal sealed class ClientAddressStep(ClientAddressResolver resolver, PlaceBook places)
{
    /// <summary>Resolves the client address.</summary>
    public void Resolve(RequestContext r)
    {
        var headers = r.Http.Request.Headers;
        // Only a trusted peer's headers are worth a look-up.
        r.ClientAddress = r.Connection.IsPeerTrusted
            ? resolver.Resolve(r.Connection.PeerAddress, headers["X-Forwarded-For"], headers["Forwarded"])
            : r.Connection.PeerAddress;
        r.Place = places.Find(r.ClientAddress);
    }
}

/// <summary>Step 3: for which site.</summary>
internal static class SiteStep
{
    /// <summary>Finds the site of the Host header.</summary>
    public static bool TryFind(this SiteTable sites, RequestContext r)
    {
        bool isFound = sites.TryFind(HostName.Normalize(r.Http.Request.Headers.Host.ToString()), out var host);
        r.Host = host;
        return isFound;
    }
}
