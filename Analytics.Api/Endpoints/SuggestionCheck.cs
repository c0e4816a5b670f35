using System.Globalization;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;
using Weir.Scheduling;
using Weir.Scheduling.Suggestions;
using Weir.Scheduling.Targets;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Reads what requests say of suggestions.</summary>
internal static class SuggestionCheck
{
    private const int SuggestionsMax = 100;

    /// <summary>The sites whose pages the caller may be suggested.</summary>
    public static async Task<IReadOnlyList<SiteId>> SitesAsync(Reach reach, ISites sites, CancellationToken stop) =>
        [.. (await sites.ListAsync(reach.Tenant, stop)).Select(s => s.Id).Where(id => reach.Sites is null || reach.Sites.Contains(id))];

    /// <summary>Notes that a site is none of the caller's.</summary>
    public static IReadOnlyList<SiteId> NoSites(QueryCheck check, string site)
    {
        check.Error("site", $"'{Head(site)}' is not a site of yours. List them with GET /v1/sites.");
        return [];
    }

    /// <summary>The least score.</summary>
    public static double Score(QueryCheck check, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return SuggestionFinder.ScoreMin;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double score) && score is >= 0 and <= 1)
            return score;
        check.Error("min_score", "'min_score' must be a number from 0 to 1, such as 0.5.");
        return 1;
    }

    /// <summary>The suggestions that a body names, with their queries; errors by field.</summary>
    public static async Task<IReadOnlyList<(SuggestedQuery Query, SiteId Site, string Path)>> ReadAsync(
        HttpContext http, QueryCheck check, SqlSuggestions known, IReadOnlyList<SiteId> own, CancellationToken stop)
    {
        var body = await JsonBody.ReadAsync<SuggestionsBody>(http, check, stop);
        if (body?.Suggestions is not { Count: > 0 and <= SuggestionsMax } wishes)
        {
            check.Error("suggestions", $"'suggestions' must be a list of 1 to {SuggestionsMax}, such as {{\"suggestions\":[{{\"query\":1,\"site\":\"demo\",\"path\":\"/pricing\"}}]}}.");
            return [];
        }
        var queries = (await known.FindAsync(http.Reach(), [.. wishes.Select(w => w?.Query ?? 0).Where(id => id > 0).Distinct()], stop)).ToDictionary(q => q.Id);
        var named = new List<(SuggestedQuery, SiteId, string)>();
        for (int i = 0; i < wishes.Count; i++)
        {
            if (await ReadAsync(http.Reach(), wishes[i] ?? new SuggestionBody(), $"suggestions[{i}]", check, known, queries, own, stop) is { } one)
                named.Add(one);
        }
        return named;
    }

    /// <summary>Whether two paths are one page.</summary>
    public static bool IsSamePath(string a, string b) => PagePattern.IsMatch(a, b);

    /// <summary>The begin of a text that somebody sent.</summary>
    public static string Head(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    private static async Task<(SuggestedQuery, SiteId, string)?> ReadAsync(
        Reach reach, SuggestionBody wish, string at, QueryCheck check, SqlSuggestions known, Dictionary<long, SuggestedQuery> queries, IReadOnlyList<SiteId> own, CancellationToken stop)
    {
        SuggestedQuery? query = null;
        if (wish.Query is null == wish.Target is null)
            check.Error($"{at}.query", "Name the query or one of its targets, and not both.");
        else if (wish.Query is { } id && !queries.TryGetValue(id, out query))
            check.Error($"{at}.query", $"This key knows no query {id}. List them with GET /v1/suggestions.");
        else if (wish.Target is { } target && (query = await known.FindAsync(reach, target, stop)) is null)
            check.Error($"{at}.target", $"This key knows no target {target}. List them with GET /v1/targets.");
        if (!SiteId.TryParse(wish.Site, null, out var site) || !own.Contains(site))
        {
            check.Error($"{at}.site", $"'{Head(wish.Site ?? "")}' is not a site of yours. List them with GET /v1/sites.");
            return null;
        }
        if (PagePattern.IsValid(wish.Path) && !wish.Path!.Contains('*'))
            return query is null ? null : (query, site, wish.Path);
        check.Error($"{at}.path", $"'{Head(wish.Path ?? "")}' is not a page's path. Write one such as /pricing.");
        return null;
    }
}
