using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Weir.Proxy.Caching;

/// <summary>Decides what may be kept (RFC 9111 §3), from the headers of a request and its answer. No clock, no store.</summary>
internal static class Storability
{
    private static readonly string[] DateForms = ["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM dd HH:mm:ss yyyy", "ddd MMM  d HH:mm:ss yyyy"];

    /// <summary>An answer as it will be kept, still without its body; null when it may not be.</summary>
    public static StoredAnswer? Draft(in AnswerFacts facts)
    {
        // What is said to caches like this one counts alone (RFC 9213 §2.2).
        var targeted = facts.Answer["CDN-Cache-Control"];
        bool isTargeted = targeted.ToString().AsSpan().Trim().Length > 0;
        var control = CacheControl.Read(isTargeted ? targeted : facts.Answer.CacheControl);
        // Pragma in an answer means nothing (§5.4).
        if (!IsKept(facts.Status) || control.NoStore || control.Private || IsForOne(facts.Answer) || !Vary.TryRead(facts.Answer, out string[] vary))
            return null;
        if (!MayShare(control, facts.HasCookie, facts.HasCredentials))
            return null;

        long dateMs = TimeOf(facts.Answer.Date) ?? facts.ResponseMs;
        bool hasExpires = !isTargeted && facts.Answer.Expires.Count > 0, isExplicit = hasExpires || control.MaxAge is not null || control.SharedMaxAge is not null;
        bool mayGuess = facts.IsHeuristic && !isExplicit && !control.NoCache && (IsLasting(facts.Status) || control.Public);
        var answer = new StoredAnswer
        {
            Status = facts.Status,
            Headers = HeadersOf(facts, dateMs),
            Control = control,
            LifetimeMs = Freshness.Lifetime(control, hasExpires, TimeOf(facts.Answer.Expires), dateMs, mayGuess ? TimeOf(facts.Answer.LastModified) : null),
            InitialAgeMs = Freshness.InitialAge(dateMs, AgeOf(facts.Answer.Age), facts.RequestMs, facts.ResponseMs),
            ArrivedAt = facts.ArrivedAt,
            ETag = facts.Answer.ETag.Count == 1 ? facts.Answer.ETag.ToString() : "",
            LastModified = TimeOf(facts.Answer.LastModified) is null ? "" : facts.Answer.LastModified.ToString(),
            VaryNames = vary,
            VaryValues = [.. vary.Select(facts.Request, static (name, request) => Vary.ComparableOf(name, request))],
            Partition = facts.Partition,
        };
        bool isForCrawlers = facts.HasCrawlerAge && IsLasting(facts.Status) && !facts.HasCookie && !facts.HasCredentials;
        bool isForErrors = !control.NoCache && (control.StaleIfError > 0 || facts.IsKeptForErrors);
        bool isUseful = answer.LifetimeMs > 0 || control.StaleWhileRevalidate > 0 || isForCrawlers || isForErrors || (answer.HasValidator && IsLasting(facts.Status));
        return isUseful && (isExplicit || control.Public || IsLasting(facts.Status)) ? answer : null;
    }

    /// <summary>Whether requests with cookies or credentials may fill the cache and be answered from it (§3.5). The RFC says nothing of cookies,
    /// and origins that go by them often forget to say so.</summary>
    public static bool MayShare(in CacheControl answer, bool hasCookie, bool hasCredentials) =>
        (!hasCookie && !hasCredentials) || answer.Public || answer.SharedMaxAge is not null || (answer.MustRevalidate && !hasCookie);

    /// <summary>A kept answer after the origin said that it is still good (§3.2, §4.3.4): the newer headers, the same body.</summary>
    public static StoredAnswer? Refreshed(StoredAnswer held, in AnswerFacts facts)
    {
        var merged = new HeaderDictionary();
        foreach (var (name, value) in held.Headers)
            merged[name] = value;
        foreach (var (name, value) in facts.Answer)
        {
            if (!DescribesBody(name))
                merged[name] = value;
        }
        // An old Date with a new one's freshness would be the worst of both.
        if (facts.Answer.Date.Count == 0)
            merged.Remove(HeaderNames.Date);
        return Draft(facts with { Status = held.Status, Answer = merged }) is { } draft ? draft with { Body = held.Body } : null;
    }

    /// <summary>Reads an HTTP date in any of its three forms (RFC 9110 §5.6.7); null when it is none, or several. Stricter than the framework's
    /// reader: a date that others read otherwise must not make an answer fresh.</summary>
    public static long? TimeOf(in StringValues value) =>
        value.Count == 1 && DateTimeOffset.TryParseExact(value[0], DateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeMilliseconds() : null;

    // The first of several counts; one that cannot be read is as if not sent (§5.1).
    private static int AgeOf(in StringValues value) =>
        value.Count > 0 && CacheControl.TryReadSeconds(value[0]!.Split(',')[0].AsSpan().Trim(" \t"), out int seconds) ? seconds : 0;

    // Errors are left out that a client can cause by the way it asks, such as 400, 405, 413, 414 and 431: one odd request must not lock
    // out everybody (cache poisoning for denial of service, Nguyen et al. 2019). Faults of the origin are left out too.
    private static bool IsKept(int status) => IsLasting(status) || status is 302 or 303 or 307;

    // What is the same for everybody and needs no word on its freshness to be kept (RFC 9110 §15.1), as far as IsKept goes.
    private static bool IsLasting(int status) => status is 200 or 203 or 204 or 300 or 301 or 308 or 404 or 410;

    private static bool IsForOne(IHeaderDictionary answer) =>
        answer.SetCookie.Count > 0 || answer.ContainsKey("Set-Cookie2") || answer.ContentRange.Count > 0
        || answer.ContentType.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static KeyValuePair<string, StringValues>[] HeadersOf(in AnswerFacts facts, long dateMs)
    {
        var answer = facts.Answer;
        var kept = new List<KeyValuePair<string, StringValues>>(answer.Count + 1);
        foreach (var header in answer)
        {
            if (header.Value.Count > 0 && !IsOfThisHop(header.Key) && facts.HopNames?.Contains(header.Key, StringComparer.OrdinalIgnoreCase) != true)
                kept.Add(header);
        }
        if (answer.Date.Count == 0)
            kept.Add(new(HeaderNames.Date, HeaderUtilities.FormatDate(DateTimeOffset.FromUnixTimeMilliseconds(dateMs))));
        return [.. kept];
    }

    private static bool IsOfThisHop(string name) => name.ToLowerInvariant() is "connection" or "keep-alive" or "transfer-encoding" or "upgrade"
        or "trailer" or "proxy-connection" or "proxy-authenticate" or "proxy-authentication-info" or "proxy-authorization" or "age" or "content-length"
        or "cache-status";

    private static bool DescribesBody(string name) => name.ToLowerInvariant() is "content-length" or "content-encoding" or "content-range" or "content-type";

    private static IEnumerable<string> Select(this string[] names, IHeaderDictionary request, Func<string, IHeaderDictionary, string> of)
    {
        foreach (string name in names)
            yield return of(name, request);
    }
}

/// <summary>What <see cref="Storability"/> looks at.</summary>
internal readonly record struct AnswerFacts
{
    /// <summary>Headers of the request.</summary>
    public required IHeaderDictionary Request { get; init; }

    /// <summary>Status of the answer.</summary>
    public required int Status { get; init; }

    /// <summary>Headers of the answer.</summary>
    public required IHeaderDictionary Answer { get; init; }

    /// <summary>Headers that the answer's Connection names: they concern the connection that it came by.</summary>
    public IEnumerable<string>? HopNames { get; init; }

    /// <summary>When it was asked for, milliseconds since 1970-01-01 UTC.</summary>
    public required long RequestMs { get; init; }

    /// <summary>When its headers arrived.</summary>
    public required long ResponseMs { get; init; }

    /// <summary>The same by the monotonic clock.</summary>
    public long ArrivedAt { get; init; }

    /// <summary>Whether freshness may be guessed.</summary>
    public bool IsHeuristic { get; init; }

    /// <summary>Whether the site gives crawlers answers of this path up to some age.</summary>
    public bool HasCrawlerAge { get; init; }

    /// <summary>See <see cref="StoredAnswer.Partition"/>.</summary>
    public string Partition { get; init; }

    /// <summary>Whether the request carried cookies.</summary>
    public bool HasCookie { get; init; }

    /// <summary>Whether the request carried credentials.</summary>
    public bool HasCredentials { get; init; }

    /// <summary>Whether the site gives answers past their time while the origin fails.</summary>
    public bool IsKeptForErrors { get; init; }
}
