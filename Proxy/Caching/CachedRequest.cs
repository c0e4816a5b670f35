using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Detection;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Caching;

/// <summary>What a request asks of the cache, and under which key. Made for each request of a site that keeps answers.</summary>
internal sealed record CachedRequest
{
    // Frameworks let these change what is asked for, and no cache's key has them (Kettle 2018).
    private static readonly FrozenSet<string> Overrides = new[]
    {
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Original-URI", "X-Rewrite-URL", "X-Original-Host", "X-Host",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Site, generation, scheme, host as sent and target as sent. As sent, because that is what the origin sees: whatever it makes
    /// of an escape, a dot segment or a port in Host, it made it of this very key.</summary>
    public required string Key { get; init; }

    /// <summary>What the edge tells the origin about the client by a rule with the action tag; empty for nothing.</summary>
    public required string Partition { get; init; }

    /// <summary>The request's directives, as far as the site heeds them.</summary>
    public required CacheControl Control { get; init; }

    /// <summary>Whether it is a HEAD.</summary>
    public required bool IsHead { get; init; }

    /// <summary>Whether it holds an If-None-Match or If-Modified-Since.</summary>
    public required bool IsConditional { get; init; }

    /// <summary>Whether it carries cookies.</summary>
    public required bool HasCookie { get; init; }

    /// <summary>Whether it carries credentials.</summary>
    public required bool HasCredentials { get; init; }

    /// <summary>Whether it carries either.</summary>
    public bool HasSecrets => HasCookie || HasCredentials;

    /// <summary>Whether the site gives crawlers answers of this path up to some age.</summary>
    public required bool HasCrawlerAge { get; init; }

    /// <summary>How old an answer it may get whatever the origin says; null when the origin's word counts.</summary>
    public required int? CrawlerSeconds { get; init; }

    /// <summary>Reads a request; null when the cache is not asked.</summary>
    /// <param name="r">The request.</param>
    /// <param name="scheme">The scheme that the client asked.</param>
    public static CachedRequest? Of(RequestContext r, string scheme)
    {
        var request = r.Http.Request;
        var headers = request.Headers;
        var rules = r.Site.Cache!;
        bool isHead = HttpMethods.IsHead(request.Method);
        if ((!isHead && !HttpMethods.IsGet(request.Method)) || !r.IsTargetValid || (rules.Settings.IsOnlyForCrawlers && r.Verdict.Kind != VerdictKind.Crawler)
            || HasBody(r.Http) || IsSpecial(headers))
            return null;
        var control = CacheControl.Read(headers.CacheControl);
        if (control.NoStore)
            return null;
        if (headers.CacheControl.Count == 0 && headers.Pragma.ToString().Contains("no-cache", StringComparison.OrdinalIgnoreCase))
            control = CacheControl.Read("no-cache");
        int? crawlerSeconds = rules.CrawlerSecondsFor(r.Path);
        return new CachedRequest
        {
            Key = KeyOf(r, scheme, r.PathAndQuery),
            Partition = r.Policy.Action == PolicyAction.Tag ? TagsOf(r) : "",
            Control = rules.Settings.HeedsRequests ? control : control.OnlyIfCached ? CacheControl.Read("only-if-cached") : default,
            IsHead = isHead,
            IsConditional = headers.IfNoneMatch.Count > 0 || headers.IfModifiedSince.Count > 0,
            HasCookie = headers.Cookie.Count > 0,
            HasCredentials = headers.Authorization.Count > 0,
            HasCrawlerAge = crawlerSeconds is not null,
            CrawlerSeconds = r.Verdict.Kind == VerdictKind.Crawler ? crawlerSeconds : null,
        };
    }

    /// <summary>The key of a target on the host that was asked.</summary>
    public static string KeyOf(RequestContext r, string scheme, string target) =>
        string.Concat(string.Concat(r.Site.Cache!.KeyPrefix, scheme, "\n", r.Http.Request.Headers.Host.ToString()), r.Connection.IsPeerTrusted ? ProxyWords(r) : "", "\n", target);

    // Parts of an answer, changes of protocol and conditions of writers are between client and origin.
    private static bool IsSpecial(IHeaderDictionary headers)
    {
        if (headers.Range.Count > 0 || headers.Upgrade.Count > 0 || headers.IfMatch.Count > 0 || headers.IfUnmodifiedSince.Count > 0)
            return true;
        foreach (var header in headers)
        {
            if (header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase) && Overrides.Contains(header.Key))
                return true;
        }
        return false;
    }

    // A GET with a body may be answered by its body, which no key holds.
    private static bool HasBody(HttpContext http) =>
        http.Request.ContentLength > 0 || http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    // All that OriginRequest.WriteTags writes.
    private static string TagsOf(RequestContext r) => string.Create(CultureInfo.InvariantCulture,
        $"{r.Place.Country.Code}\n{r.Verdict.Crawler?.Id}\n{r.Verdict.Identity.ToName()}\n{r.Verdict.Purpose.ToName()}\n{r.Verdict.Score}");

    // What a trusted proxy says about the request is passed on, and a client may have written it. Who asked is left out: no shared answer
    // may depend on that.
    private static string ProxyWords(RequestContext r)
    {
        var words = new StringBuilder();
        foreach (var (name, values) in r.Http.Request.Headers)
        {
            if (name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) && !name.Equals("X-Forwarded-For", StringComparison.OrdinalIgnoreCase))
                words.Append('\t').Append(name).Append('=').Append(values.ToString());
            else if (name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase))
                AddForwarded(words, values.ToString());
        }
        return words.ToString();
    }

    private static void AddForwarded(StringBuilder words, string elements)
    {
        foreach (string part in elements.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!part.StartsWith("for=", StringComparison.OrdinalIgnoreCase) && !part.StartsWith("by=", StringComparison.OrdinalIgnoreCase))
                words.Append('\t').Append(part);
        }
    }
}
