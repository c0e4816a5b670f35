using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Microsoft.Extensions.Caching.Memory;
using Weir.Analytics.Api.Hosting;
using Weir.Detection;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Finds what amends the hits of a span, once for all reports that are asked of it within some seconds. Safe from any thread.</summary>
internal sealed class AmendmentsReport : IDisposable
{
    private const long HourMs = 3_600_000;

    // Sites × spans that are looked at within the time below; 2,000 hits of some 200 bytes each at most.
    private const int SpansMax = 500;

    // Nearly no site has anything amended, which one look for all of them tells: a hit of an address that was looked up, or any run. What verifications say
    // of an open hit may be of another day: that is looked at behind.
    private const string SitesSql = $$"""
        SELECT DISTINCT toString(site) FROM open_identities WHERE (crawler, client_address) IN (SELECT crawler, client_address FROM verifications)
        UNION ALL
        SELECT '' FROM (SELECT 1 FROM reclassify_runs WHERE state = 'applied' LIMIT 1)
        {{ReportStore.Limits}}
        """;

    private static readonly string RowsSql = RowsOf(VerdictSql.Amended), LateRowsSql = RowsOf(VerdictSql.AmendedByLateIdentity);

    private static string RowsOf(string amended) => $$"""
        WITH {{amended}}
        SELECT {{VerdictSql.ListedColumns}}
        FROM amended
        LIMIT {{Amendments.ListedMax + 1}}
        {{ReportStore.Limits}}
        """;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = SpansMax });
    private readonly ShortLived<FrozenSet<string>> _sites;

    private readonly ReportStore _store;
    private readonly TimeSpan _life;

    public AmendmentsReport(ReportStore store, AnalyticsOptions options, TimeProvider time)
    {
        (_store, _life) = (store, options.AmendmentsLife);
        _sites = new ShortLived<FrozenSet<string>>(_life, time, SitesAsync);
    }

    /// <summary>Those of a span; of every site when <paramref name="site"/> is null.</summary>
    public async Task<Amendments> ReadAsync(SiteId? site, TimeRange range, string verdict, CancellationToken stop)
    {
        if (verdict == VerdictSql.Original)
            return Amendments.None;
        var sites = await _sites.ReadAsync(stop);
        bool isAnyRun = sites.Contains("");
        if (site is { } one ? !sites.Contains(one.Value) && !isAnyRun : sites.Count == 0)
            return Amendments.None;
        // Whole hours, so that questions of the same minute share an answer; what lies beside the span is left out afterwards.
        long fromMs = range.FromMs / HourMs * HourMs;
        long toMs = (range.ToMs + HourMs - 1) / HourMs * HourMs;
        var key = (site, fromMs, toMs, verdict);
        if (_life <= TimeSpan.Zero)
            return (await FindAsync(site, fromMs, toMs, verdict, isAnyRun, stop)).Of(range);
        if (!_cache.TryGetValue(key, out Task<Found>? found) || found!.IsFaulted)
        {
            // One look for all the questions of a view, which come at once; whoever asked first may leave.
            found = FindAsync(site, fromMs, toMs, verdict, isAnyRun, CancellationToken.None);
            _ = _cache.Set(key, found, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = _life });
        }
        else if (!found.IsCompleted)
        {
            AnswerMaking.Current?.Waits();
        }
        return (await found.WaitAsync(stop)).Of(range);
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private async Task<FrozenSet<string>> SitesAsync() =>
        (await _store.ReadAsync(SitesSql, [], r => r.GetString(0), CancellationToken.None)).ToFrozenSet(StringComparer.Ordinal);

    private async Task<Found> FindAsync(SiteId? site, long fromMs, long toMs, string verdict, bool isAnyRun, CancellationToken stop)
    {
        var parameters = new ClickHouseParameterCollection().With("site", site?.Value ?? "").With("from", fromMs).With("to", toMs).With("verdict", verdict);
        return new Found(await _store.ReadAsync(isAnyRun ? RowsSql : LateRowsSql, parameters, Row, stop));
    }

    private static AmendedLine Row(ClickHouseDataReader row)
    {
        var line = new StringBuilder(200);
        for (int i = 0; i < row.FieldCount; i++)
        {
            if (i > 0)
                line.Append('\t');
            foreach (char c in Convert.ToString(row.GetValue(i), CultureInfo.InvariantCulture)!)
                _ = c switch { '\t' => line.Append("\\t"), '\n' => line.Append("\\n"), '\r' => line.Append("\\r"), '\\' => line.Append(@"\\"), _ => line.Append(c) };
        }
        return new AmendedLine(row.GetInt64(1), line.Append('\n').ToString(), SortAt(3, 8), SortAt(11, 17));

        HitSort SortAt(int kind, int referral) => new(
            row.GetString(kind), row.GetString(kind + 1), row.GetString(kind + 2), row.GetString(kind + 3), row.GetString(kind + 4), row.GetString(referral));
    }

    private sealed record Found(IReadOnlyList<AmendedLine> Lines)
    {
        public Amendments Of(TimeRange range) => Lines.Count > Amendments.ListedMax
            ? Amendments.Many
            : Amendments.Of([.. Lines.Where(l => l.TimeMs >= range.FromMs && l.TimeMs < range.ToMs)]);
    }
}
