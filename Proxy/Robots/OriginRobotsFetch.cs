using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Detection.Robots;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Robots;

/// <summary>Asks an origin for robots.txt as a crawler would, by condition where there is a copy.</summary>
internal static class OriginRobotsFetch
{
    // RFC 9309 §2.3.1.2: so many in a row are followed, and behind them there is no file.
    private const int RedirectsMax = 5;

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Asks once, redirects within the site's hosts included.</summary>
    /// <param name="client">Speaks to the origin.</param>
    /// <param name="site">Whose it is.</param>
    /// <param name="origin">Whom to ask.</param>
    /// <param name="scheme">How the site's visitors ask, for origins that send plain HTTP elsewhere.</param>
    /// <param name="host">The host whose file is wanted.</param>
    /// <param name="before">The copy there is; it comes back itself when the origin says that nothing changed.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>The copy; null when the origin errs (5xx, 429) so that nothing is known.</returns>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    /// <exception cref="IOException">It broke off.</exception>
    public static async Task<OriginRobotsCopy?> FetchAsync(
        HttpMessageInvoker client, Control.Site site, Origin origin, string scheme, string host, OriginRobotsCopy? before, CancellationToken stop)
    {
        var at = new Uri($"{scheme}://{host}/robots.txt");
        for (int redirects = 0; ; redirects++)
        {
            using var request = RequestOf(site, origin, at, host, before);
            using var response = await client.SendAsync(request, stop);
            int status = (int)response.StatusCode;
            if (status == StatusCodes.Status304NotModified && before is not null)
                return before;
            if (status is >= 200 and < 300)
                return new OriginRobotsCopy(await ReadAsync(response.Content, stop), status, response.Headers.ETag?.ToString(), LastModified(response));
            if (status is >= 300 and < 400 && redirects < RedirectsMax && TryFollow(site, at, response.Headers.Location, out var next))
            {
                at = next;
                continue;
            }
            if (status is >= 500 or StatusCodes.Status429TooManyRequests)
                return null;
            return new OriginRobotsCopy([], status is >= 300 and < 400 ? StatusCodes.Status404NotFound : status, null, null);
        }
    }

    private static HttpRequestMessage RequestOf(Control.Site site, Origin origin, Uri at, string host, OriginRobotsCopy? before)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(origin.Prefix + at.PathAndQuery, in AsWritten))
        {
            Version = origin.IsHttp2Only ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = origin.IsHttp2Only ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        };
        string asked = at.IsDefaultPort ? at.Host : at.Authority;
        request.Headers.Host = site.Rewrite?.Host ?? (site.PassHost ? asked : origin.Authority);
        request.Headers.TryAddWithoutValidation("User-Agent", "Weir (reads robots.txt for the site's own edge)");
        request.Headers.TryAddWithoutValidation("Accept", "text/plain, */*;q=0.5");
        ForwardedHeaders.WriteOwn(site.Forwarded, request.Headers, host, at.Scheme);
        if (before?.ETag is { } tag)
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        if (before?.LastModified is { } modified)
            request.Headers.TryAddWithoutValidation("If-Modified-Since", modified);
        return request;
    }

    // To the site's own names only: the origin is asked for these, and no stranger is.
    private static bool TryFollow(Control.Site site, Uri at, Uri? location, [NotNullWhen(true)] out Uri? next)
    {
        next = location is null ? null : new Uri(at, location);
        return next is not null && next.Scheme is "http" or "https" && (next.Host.Equals(at.Host, StringComparison.OrdinalIgnoreCase)
            || site.Hosts.Contains(next.Host, StringComparer.OrdinalIgnoreCase));
    }

    private static string? LastModified(HttpResponseMessage response) =>
        response.Content.Headers.TryGetValues("Last-Modified", out var values) ? values.FirstOrDefault() : null;

    // What is behind 500 KiB no crawler need read (§2.5); one byte more lets the reader cut at a line's end.
    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken stop)
    {
        await using var sent = await content.ReadAsStreamAsync(stop);
        await using var plain = content.Headers.ContentEncoding.LastOrDefault() switch
        {
            "gzip" or "x-gzip" => new GZipStream(sent, CompressionMode.Decompress),
            "br" => new BrotliStream(sent, CompressionMode.Decompress),
            _ => sent,
        };
        byte[] bytes = new byte[RobotsFile.BytesMax + 1];
        try
        {
            int length = await plain.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop);
            return bytes[..length];
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"The origin's robots.txt is not packed as it says: {e.Message}", e);
        }
    }
}
