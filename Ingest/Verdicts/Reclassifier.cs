using System.IO.Hashing;
using System.Text;
using ClickHouse.Driver;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Verdicts;

/// <summary>Which stored hits to judge again.</summary>
/// <param name="Site">Of which site; null for all.</param>
/// <param name="From">From when on.</param>
/// <param name="To">Until when; null for now.</param>
public sealed record ReclassifyRequest(SiteId? Site, DateTimeOffset From, DateTimeOffset? To);

/// <summary>What judging again came to.</summary>
/// <param name="Run">The run; null where nothing was written.</param>
/// <param name="Hits">Hits judged, those of a run that this call went on with included.</param>
/// <param name="HitsNow">Hits that this call judged.</param>
/// <param name="Changed">Hits whose verdict differs.</param>
/// <param name="Changes">How, most hits first.</param>
/// <param name="Duration">How long this call took.</param>
public sealed record ReclassifyOutcome(
    ReclassifyRun? Run, long Hits, long HitsNow, long Changed, IReadOnlyList<VerdictChange> Changes, TimeSpan Duration);

/// <summary>Judges stored hits by what is known today, as of each hit's time, and writes the verdicts that differ beside the hits.</summary>
/// <remarks>
/// A page of one site at a time, in the order of time. What differs is stored, then how far the run is: broken off anywhere, the same
/// request goes on from there, and what is stored twice is one row. No query sees a run before it is whole. Memory is bounded by a page
/// (64 MB). Hits are never changed.
/// </remarks>
/// <param name="connections">The store.</param>
/// <param name="detector">Judges; needs no windows.</param>
/// <param name="time">Clock of the run.</param>
public sealed class Reclassifier(ClickHouseConnections connections, Detector detector, TimeProvider time) : IDisposable
{
    private const string InsertSql =
        "INSERT INTO reclassified (run, site, time, hit_id, was_kind, was_crawler, was_operator, was_purpose, was_identity, was_referral_class, was_referral_source, "
        + "kind, crawler, operator, purpose, identity, identity_method, range_list, score, confidence, reasons, referral_class, referral_source) FORMAT RowBinary";

    private const string ChangesSql =
        """
        SELECT toUInt8(was_kind) AS wk, was_crawler, toUInt8(was_purpose) AS wp, toUInt8(was_identity) AS wi, toUInt8(was_referral_class) AS wr, was_referral_source,
               toUInt8(kind) AS k, crawler, toUInt8(purpose) AS p, toUInt8(identity) AS i, toUInt8(referral_class) AS r, referral_source, count() AS hits,
               was_operator, operator
        FROM reclassified FINAL
        WHERE run = {run:UInt32}
        GROUP BY wk, was_crawler, was_operator, wp, wi, wr, was_referral_source, k, crawler, operator, p, i, r, referral_source
        ORDER BY hits DESC, was_crawler, crawler
        """;

    // Each note of the progress is a small part that ClickHouse must merge.
    private static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(2);

    private readonly StoredHitReader _hits = new(connections);
    private readonly ReclassifyRuns _runs = new(connections, time);
    private readonly StoredHitPage _page = new();
    private readonly RowBuffer _rows = new();
    private readonly VerdictChanges _changes = new();
    private long _judged, _changed, _notedAt;

    /// <summary>Told after each page how many hits are judged; null for nobody.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Rows of a page at most; fewer where rows are long.</summary>
    internal uint PageRows { get => _hits.PageRows; init => _hits = new StoredHitReader(connections) { PageRows = value }; }

    /// <summary>Names what judges: the catalog's version and every version of each range list, as 16 hex digits.</summary>
    public static string KnowledgeOf(CrawlerCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var text = new StringBuilder(catalog.Version);
        foreach (var crawler in catalog.Crawlers)
            text.Append('\n').Append(crawler.Id).Append('|').Append(crawler.Operator).Append('|').Append(crawler.Purpose).Append('|').AppendJoin(',', crawler.Tokens);
        foreach (var newest in catalog.RangeLists)
        {
            for (var list = newest; list is not null; list = list.Earlier)
                text.Append('\n').Append(list.Label);
        }
        return XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text.ToString())).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Judges and writes nothing.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task<ReclassifyOutcome> TryAsync(ReclassifyRequest request, CancellationToken stop) => GuardAsync(async () =>
    {
        long began = time.GetTimestamp();
        var to = request.To ?? time.GetUtcNow();
        await WalkAsync(request.Site?.Value ?? "", request.From, to, run: null, stop);
        return new ReclassifyOutcome(null, _judged, _judged, _changed, _changes.All, time.GetElapsedTime(began));
    });

    /// <summary>Judges, writes what differs and puts it in force; goes on where an equal run broke off.</summary>
    /// <exception cref="StoreException">The store cannot be read or written. The same request goes on from there.</exception>
    public Task<ReclassifyOutcome> ApplyAsync(ReclassifyRequest request, CancellationToken stop) => GuardAsync(async () =>
    {
        long began = time.GetTimestamp();
        var run = await _runs.ContinueOrBeginAsync(request, detector.Catalog.Version, KnowledgeOf(detector.Catalog), stop);
        run = await WalkAsync(run.Site, run.From, run.To, run, stop);
        var changes = await StoredChangesAsync(run!.Run, stop);
        run = run with { State = ReclassifyState.Applied, Hits = run.Hits, Changed = changes.Sum(c => c.Hits) };
        await _runs.WriteAsync(run, stop);
        return new ReclassifyOutcome(run, run.Hits, _judged, run.Changed, changes, time.GetElapsedTime(began));
    });

    /// <summary>Every run, oldest first.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task<List<ReclassifyRun>> RunsAsync(CancellationToken stop) => GuardAsync(() => _runs.ListAsync(stop));

    /// <summary>Takes a run back; the one before it counts again. False when there is no such run.</summary>
    /// <exception cref="StoreException">The store cannot be written.</exception>
    public Task<bool> DropAsync(uint run, CancellationToken stop) => GuardAsync(() => _runs.DropAsync(run, stop));

    /// <inheritdoc/>
    public void Dispose()
    {
        _page.Dispose();
        _rows.Dispose();
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e))
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }

    private async Task<ReclassifyRun?> WalkAsync(string site, DateTimeOffset from, DateTimeOffset to, ReclassifyRun? run, CancellationToken stop)
    {
        long toMs = to.ToUnixTimeMilliseconds();
        foreach (string name in await _hits.SitesAsync(site, run?.DoneSite ?? "", from.ToUnixTimeMilliseconds(), toMs, stop))
        {
            // No id is 0 and ids of the first moment are above it, so a site begins with all of its hits.
            var (at, after) = run is not null && name == run.DoneSite ? (run.DoneTime.ToUnixTimeMilliseconds(), run.DoneId) : (from.ToUnixTimeMilliseconds(), 0UL);
            while (await _hits.FillAsync(_page, name, at, after, toMs, stop) is var rows and > 0)
            {
                await JudgeAsync(name, run?.Run, stop);
                (at, after) = _page.Last;
                run = run is null ? null : await NoteAsync(
                    run with { Hits = run.Hits + rows, DoneSite = name, DoneTime = DateTimeOffset.FromUnixTimeMilliseconds(at), DoneId = after }, stop);
                Progress?.Invoke(_judged);
            }
        }
        return run;
    }

    private async Task<ReclassifyRun> NoteAsync(ReclassifyRun run, CancellationToken stop)
    {
        if (_notedAt != 0 && time.GetElapsedTime(_notedAt) < NoteEvery)
            return run;
        await _runs.WriteAsync(run, stop);
        _notedAt = time.GetTimestamp();
        return run;
    }

    private async Task JudgeAsync(string site, uint? run, CancellationToken stop)
    {
        var known = _page.HasCrawlers ? await _hits.VerificationsAsync(site, _page.FirstTimeMs, _page.Last.TimeMs, stop) : new StoredVerifications();
        _rows.Clear();
        while (_page.TryRead(out var hit))
        {
            _judged++;
            var verdict = detector.Reclassify(hit.Facts, hit.Verdict, known.At(hit.ClientAddress, hit.Verdict.Crawler, hit.TimeMs));
            if (!hit.Verdict.Differs(verdict))
                continue;
            _changed++;
            _changes.Count(site, hit, verdict);
            if (run is { } number)
                Encode(number, site, hit, verdict);
        }
        if (_rows.Rows == 0)
            return;
        using var response = await connections.Client.PostStreamAsync(InsertSql, _rows.AsStream(0, _rows.Rows), isCompressed: false, stop,
            new QueryOptions { CustomSettings = new Dictionary<string, object> { ["async_insert"] = 0 } });
    }

    private void Encode(uint run, string site, in StoredHit hit, in Verdict verdict)
    {
        var was = hit.Verdict;
        _rows.Write(run);
        _rows.Write(site, SiteId.MaxLength);
        _rows.Write(hit.TimeMs);
        _rows.Write(hit.HitId);
        _rows.Write((byte)was.Kind);
        _rows.Write(was.Crawler, HitEncoder.MaxHostChars);
        _rows.Write(was.Operator, HitEncoder.MaxHostChars);
        _rows.Write((byte)was.Purpose);
        _rows.Write((byte)was.Identity);
        _rows.Write((byte)was.ReferralClass);
        _rows.Write(was.ReferralSource, HitEncoder.MaxHostChars);
        HitEncoder.WriteVerdict(_rows, verdict);
        _rows.EndRow();
    }

    private async Task<List<VerdictChange>> StoredChangesAsync(uint run, CancellationToken stop)
    {
        var changes = new List<VerdictChange>();
        await using var row = await connections.Client.ExecuteReaderAsync(ChangesSql, QueryParameters.Of(("run", run)), cancellationToken: stop);
        while (await row.ReadAsync(stop))
        {
            var was = new VerdictGist((VerdictKind)row.GetByte(0), row.GetString(1), row.GetString(13), (Purpose)row.GetByte(2), (Identity)row.GetByte(3),
                (ReferralClass)row.GetByte(4), row.GetString(5));
            var now = new VerdictGist((VerdictKind)row.GetByte(6), row.GetString(7), row.GetString(14), (Purpose)row.GetByte(8), (Identity)row.GetByte(9),
                (ReferralClass)row.GetByte(10), row.GetString(11));
            changes.Add(new VerdictChange(was, now, (long)(ulong)row.GetValue(12), _changes.ExamplesOf(was, now)));
        }
        return changes;
    }
}
