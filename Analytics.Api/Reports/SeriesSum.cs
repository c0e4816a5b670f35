using System.Runtime.InteropServices;

namespace Weir.Analytics.Api.Reports;

/// <summary>Sums the lines of a series from hours: what <see cref="SeriesSql"/> asks of the store, for lines that a verdict decides.</summary>
internal static class SeriesSum
{
    /// <summary>One row a line, most hits first, as the store gives them.</summary>
    /// <param name="counts">The span's hits.</param>
    /// <param name="by">What lines are: one that <see cref="SeriesSql.DependsOnVerdict"/>.</param>
    /// <param name="starts">Starts of the buckets in Unix seconds: whole hours, in order.</param>
    public static List<(string Key, long[] Times, ulong[] Hits)> Of(SiteCounts counts, string by, IReadOnlyList<long> starts)
    {
        var lines = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var sort in counts.Sorts)
        {
            foreach (string key in KeysOf(sort, by))
            {
                if (key.Length == 0)
                    continue;
                var line = CollectionsMarshal.GetValueRefOrAddDefault(lines, key, out _) ??= new long[starts.Count];
                int bucket = 0;
                for (int i = 0; i < sort.Hours.Count; i++)
                {
                    while (bucket + 1 < starts.Count && starts[bucket + 1] <= sort.Hours[i])
                        bucket++;
                    line[bucket] += sort.HourHits[i];
                }
            }
        }
        return [.. lines.Select(l => (l.Key, Filled: l.Value.Index().Where(h => h.Item > 0).ToList()))
            .Where(l => l.Filled.Count > 0)
            .OrderByDescending(l => l.Filled.Sum(h => h.Item)).ThenBy(l => l.Key, StringComparer.Ordinal)
            .Select(l => (l.Key, l.Filled.Select(h => starts[h.Index]).ToArray(), l.Filled.Select(h => (ulong)h.Item).ToArray()))];
    }

    // By audience a hit may count twice, as in the store's question.
    private static IEnumerable<string> KeysOf(SortCounts sort, string by) => by switch
    {
        "audience" => [Audience(sort), !sort.IsProgram && sort.Sort.ReferralClass == "ai" ? "ai-referral" : ""],
        "kind" => [sort.Sort.Kind],
        "identity" => [sort.Sort.Identity],
        "referral" => [sort.IsProgram || sort.Sort.ReferralClass == "none" ? "" : sort.Sort.ReferralClass],
        "purpose" => [sort.Sort.Purpose == "none" ? "" : sort.Sort.Purpose],
        "crawler" => [sort.Sort.Crawler],
        "operator" => [sort.Sort.Operator],
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "No verdict decides these lines."),
    };

    private static string Audience(SortCounts sort) => sort.Sort.Kind switch
    {
        "likely-human" => "likely-human",
        "crawler" when sort.IsAi && sort.Sort.Identity != "spoofed" => "ai-crawler",
        "crawler" or "automation" => "other-bot",
        _ => "",
    };
}
