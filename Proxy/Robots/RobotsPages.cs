using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Robots;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Robots;

/// <summary>Answers /robots.txt of sites whose edge writes it. Composed when it is first asked for and when settings or origin change. Safe
/// from any thread.</summary>
internal sealed class RobotsPages(Detector detector, OriginRobots origins, SecureTransport transport, TimeProvider time)
{
    // Each some kilobytes; what was dropped is composed again.
    private const int KeptMax = 4096;

    private readonly ConcurrentDictionary<(SiteId Site, string Host), RobotsPage> _pages = new();

    /// <summary>Answers the request.</summary>
    public async Task AnswerAsync(RequestContext r)
    {
        var settings = r.Site.Settings;
        string host = "";
        OriginRobotsCopy? copy = null;
        if (settings.Robots.Mode == RobotsMode.Merged)
        {
            host = HitRecorder.HostOf(r);
            copy = await origins.GetAsync(r.Site, transport.SchemeOf(r), host);
            if (copy is null)
            {
                // To a crawler this means what the origin's own error would (RFC 9309 §2.3.1.4).
                r.Http.Response.Headers.RetryAfter = "60";
                await ErrorAnswer.WriteAsync(r, StatusCodes.Status503ServiceUnavailable, "The website's robots.txt cannot be read at the moment.");
                return;
            }
        }
        await WriteAsync(r, PageOf((settings.Id, host), settings.Robots, copy));
    }

    private RobotsPage PageOf((SiteId, string) key, SiteRobots settings, OriginRobotsCopy? copy)
    {
        if (_pages.TryGetValue(key, out var page) && ReferenceEquals(page.Settings, settings) && ReferenceEquals(page.Copy, copy))
            return page;
        byte[] text = Compose(settings, detector.Catalog.Crawlers, copy?.Content);
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 12))}\"";
        // Equal text is no change, whoever wrote the settings again.
        var since = page?.ETag == tag ? page.Since : DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        page = new RobotsPage(settings, copy, text, tag, since);
        if (_pages.Count >= KeptMax)
            _pages.Clear();
        _pages[key] = page;
        return page;
    }

    /// <summary>The text that a site's settings make, of the origin's file when it is merged.</summary>
    public static byte[] Compose(SiteRobots settings, IEnumerable<Detection.Catalog.Crawler> crawlers, byte[]? origin) =>
        settings.Mode == RobotsMode.Merged ? RobotsComposer.Merge(settings.Plan, crawlers, origin) : RobotsComposer.Compose(settings.Plan, crawlers);

    private static Task WriteAsync(RequestContext r, RobotsPage page)
    {
        var (request, response) = (r.Http.Request, r.Http.Response);
        response.Headers.ETag = page.ETag;
        response.Headers.LastModified = page.Since.ToString("r", CultureInfo.InvariantCulture);
        // Short, so that an edit reaches crawlers soon; they may keep a copy for a day at most anyway (§2.4).
        response.Headers.CacheControl = "public, max-age=300";
        if (IsKnown(request, page))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        return OwnPages.WriteAsync(r, page.Text);
    }

    // RFC 9110 section 13.2.2: the tag decides where one is sent.
    private static bool IsKnown(HttpRequest request, RobotsPage page)
    {
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            return EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags)
                && tags.Any(t => t.Tag == "*" || t.Tag.Equals(page.ETag, StringComparison.Ordinal));
        }
        return request.Headers.IfModifiedSince.Count == 1
            && HeaderUtilities.TryParseDate(request.Headers.IfModifiedSince.ToString(), out var since) && page.Since <= since;
    }

    private sealed record RobotsPage(SiteRobots Settings, OriginRobotsCopy? Copy, byte[] Text, string ETag, DateTimeOffset Since);
}
