using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Weir.Control;
using Weir.Detection.Identification;

namespace Weir.Analytics.Api.Sitemaps;

/// <summary>Gets the files of one site's sitemap: of its own hosts at its origin, as the edge asks it, and of others on the public internet alone.</summary>
internal sealed class SitemapHttp : IDisposable
{
    private const int RedirectsMax = 5, AddressesMax = 32, HeaderKilobytes = 32;

    // A large one is made by many a content system while it is asked for.
    private static readonly TimeSpan FilePatience = TimeSpan.FromSeconds(30);

    private readonly Site? _site;
    private readonly SiteOrigin? _origin;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _atOrigin, _elsewhere;

    /// <param name="site">Its settings; null when nobody knows them.</param>
    /// <param name="resolve">Looks names up.</param>
    /// <param name="time">Clock of the patience.</param>
    public SitemapHttp(Site? site, HostResolver resolve, TimeProvider time)
    {
        (_site, _time) = (site, time);
        _origin = site?.Origins.FirstOrDefault(o => o.Weight > 0);
        var guard = new GuardedConnect(resolve) { AddressesMax = AddressesMax };
        _elsewhere = new HttpMessageInvoker(NewHandler(guard));
        var trust = _origin is null ? default : OriginTrust.Of(_origin.Url, site!.AllowsPrivateOrigins, site.OriginCa);
        var handler = NewHandler(trust.AllowsPrivate ? null : guard);
        if (_origin is not null)
            handler.SslOptions = trust.TlsTo(_origin.Url.Host);
        _atOrigin = new HttpMessageInvoker(handler);
    }

    /// <summary>Gets one file and reads it.</summary>
    /// <exception cref="SitemapException">It cannot be had, or is none.</exception>
    public async Task<Sitemap> GetAsync(Uri address, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(FilePatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            var at = address;
            for (int redirects = 0; ; redirects++)
            {
                bool isOwn = IsOwn(at.IdnHost);
                using var request = isOwn ? ToOrigin(at) : new HttpRequestMessage(HttpMethod.Get, at);
                request.Headers.TryAddWithoutValidation("User-Agent", "Weir/0.1 (sitemap)");
                request.Headers.TryAddWithoutValidation("Accept", "application/xml, text/xml, text/plain;q=0.8, */*;q=0.5");
                using var response = await (isOwn ? _atOrigin : _elsewhere).SendAsync(request, either.Token);
                if (response.StatusCode == HttpStatusCode.OK)
                    return await SitemapReader.ReadAsync(await response.Content.ReadAsStreamAsync(either.Token), either.Token);
                if ((int)response.StatusCode is < 300 or >= 400 || redirects >= RedirectsMax || !TryFollow(at, response.Headers.Location, out var next))
                    throw new SitemapException($"It was answered with status {(int)response.StatusCode}.");
                at = next;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new SitemapException($"It did not come within {FilePatience.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new SitemapException(Sentence(e), e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _atOrigin.Dispose();
        _elsewhere.Dispose();
    }

    private static SocketsHttpHandler NewHandler(GuardedConnect? guard) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        UseCookies = false,
        // A proxy would look the name up itself, past the guard.
        UseProxy = false,
        MaxResponseHeadersLength = HeaderKilobytes,
        ConnectCallback = guard is null ? null : guard.ConnectAsync,
    };

    private bool IsOwn(string host) => _origin is not null && _site!.Hosts.Any(h => h == "*" || h.Equals(host, StringComparison.OrdinalIgnoreCase)
        || h.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(h[1..], StringComparison.OrdinalIgnoreCase));

    private HttpRequestMessage ToOrigin(Uri at)
    {
        var origin = _origin!.Url;
        bool isHttp2Only = origin.Scheme == "h2c";
        string authority = isHttp2Only ? $"{origin.Host}:{(origin.Port > 0 ? origin.Port : 80)}" : origin.Authority;
        var request = new HttpRequestMessage(HttpMethod.Get, $"{(isHttp2Only ? "http" : origin.Scheme)}://{authority}{at.PathAndQuery}")
        {
            Version = isHttp2Only ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = isHttp2Only ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Host = _site!.Rewrite?.Host ?? (_site.PassHost ? at.Authority : authority);
        // Many an origin sends plain HTTP elsewhere unless it hears that the visitor has TLS.
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", at.Scheme);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", at.Authority);
        return request;
    }

    private static bool TryFollow(Uri at, Uri? location, [NotNullWhen(true)] out Uri? next)
    {
        next = location is null ? null : new Uri(at, location);
        return next is { Scheme: "http" or "https" };
    }

    // Words of our own: what a library says may name addresses behind the name.
    private static string Sentence(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case ForbiddenAddressException:
                    return cause.Message;
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return "The host's name was not found.";
                case SocketException socket:
                    return $"The server cannot be connected to ({socket.SocketErrorCode}).";
                case AuthenticationException:
                    return "The server's certificate is not trusted, or TLS failed.";
            }
        }
        return "The connection broke off before the file was whole.";
    }
}
