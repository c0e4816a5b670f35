using Weir.Detection.Identification;
using Weir.Proxy.Connection;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>Finds out what scheme and authority the client of a signed request asked, where a proxy in front may have written others.</summary>
internal sealed class SignedRequests(EdgeOptions options, SiteTable sites, SecureTransport transport)
{
    /// <summary>The request as its signer saw it.</summary>
    public ISignedRequest Read(RequestContext r)
    {
        var headers = r.Http.Request.Headers;
        string authority = headers.Host.ToString();
        // Where Forwarded alone is written, X-Forwarded-* may be the client's own.
        if (r.Connection.IsPeerTrusted && options.ForwardedHeader == ForwardedHeader.XForwardedFor)
        {
            string host = SecureTransport.Last(headers["X-Forwarded-Host"].ToString());
            // Most proxies pass this header on as it came, so a client can write into it. Believed for the site's own names alone, it lets
            // nobody use a signature that was made for another site.
            if (host.Length > 0 && sites.TryFind(HostName.Normalize(host), out var entry) && ReferenceEquals(entry.Site, r.Host?.Site))
                authority = host;
        }
        r.Asked = (transport.SchemeOf(r), authority);
        return r;
    }
}
