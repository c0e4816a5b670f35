using System.Security.Authentication;
using Microsoft.AspNetCore.Http;
using Weir.Detection;
using Weir.Detection.Places;
using Weir.Proxy.Connection;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>Gives a request its time and its id, and says how long it took.</summary>
internal sealed class RequestClock(HitIds ids, TimeProvider time)
{
    /// <summary>Begins a request.</summary>
    public void Begin(RequestContext r, HttpContext http)
    {
        long timeMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        r.Begin(http, timeMs, time.GetTimestamp(), ids.Next());
    }

    /// <summary>Notes how long a request took, once for all who want to know.</summary>
    public void Stop(RequestContext r) => r.Elapsed = time.GetElapsedTime(r.StartedAt);
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
        r.ClientAddress = r.Connection.IsPeerTrusted ? Believed(r.Connection.PeerAddress, r.Http.Request.Headers) : r.Connection.PeerAddress;
        r.Place = places.Find(r.ClientAddress);
    }

    // Only a trusted peer's headers are worth a look-up, and the second only where it is read.
    private ClientAddress Believed(ClientAddress peer, IHeaderDictionary headers)
    {
        var forwardedFor = headers["X-Forwarded-For"];
        return resolver.Resolve(peer, forwardedFor, resolver.ReadsForwarded(forwardedFor) ? headers["Forwarded"] : default);
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
