using Dapper;
using Weir.Control;

namespace Weir.Scheduling.Suggestions;

/// <summary>Brings what the store has of pages into the tenants' indexes. For one caller at a time.</summary>
/// <remarks>Rows become visible in another order than they are stamped, so reading begins <see cref="SchedulingSettings.Overlap"/> before the newest again. Rows that were deleted leave no trace to follow:
/// <see cref="CompareAsync"/> finds them by counting.</remarks>
public sealed class PageReader(PageTextLog texts, PageIndexes indexes, IControlStore control, SchedulingSettings settings)
{
    private const int KeysAtOnce = 2_000;

    // 8 KB each, and three times that in some languages.
    private const int TextsAtOnce = 100;

    // Reading from the begin meets many more than are ever looked at again; looking which to forget costs as much as they are.
    private const int SeenMax = 100_000;

    private readonly Dictionary<(PageKey Page, ulong Hash), long> _seen = [];

    /// <summary>Takes what came since the last time.</summary>
    /// <returns>How many pages are new or have another text.</returns>
    public async Task<int> ReadAsync(CancellationToken stop)
    {
        long from = indexes.Position, newest = 0;
        int taken = 0;
        var tenants = await TenantsAsync(stop);
        var (insertedMs, after) = (from, new PageKey("", "", ""));
        while (await texts.ArrivedAsync(insertedMs, after, KeysAtOnce, stop) is { Count: > 0 } arrived)
        {
            foreach (var tenant in arrived.Where(a => !_seen.ContainsKey((a.Key, a.Hash))).GroupBy(a => tenants.GetValueOrDefault(a.Key.Site, "")))
            {
                if (tenant.Key.Length > 0)
                    taken += await TakeAsync(tenant.Key, [.. tenant], stop);
            }
            foreach (var page in arrived)
                _seen[(page.Key, page.Hash)] = page.InsertedMs;
            (newest, after) = (arrived[^1].InsertedMs, arrived[^1].Key);
            insertedMs = newest;
            if (_seen.Count > SeenMax)
                ForgetBefore(newest - (long)settings.Overlap.TotalMilliseconds);
        }
        long next = newest - (long)settings.Overlap.TotalMilliseconds;
        if (newest > 0 && next > from)
        {
            indexes.Position = next;
            ForgetBefore(next);
        }
        return taken;
    }

    private void ForgetBefore(long insertedMs)
    {
        foreach (var old in _seen.Where(s => s.Value < insertedMs).Select(s => s.Key).ToList())
            _seen.Remove(old);
    }

    /// <summary>Compares how many pages of each site the store and the indexes have, and mends what differs: pages that were deleted, sites that have another tenant, indexes that were lost.</summary>
    public async Task CompareAsync(CancellationToken stop)
    {
        var stored = await texts.CountsAsync(stop);
        var sites = await TenantsAsync(stop);
        indexes.Keep(sites.Values.Distinct());
        foreach (var tenant in sites.GroupBy(s => s.Value, s => s.Key))
        {
            var own = tenant.ToHashSet(StringComparer.Ordinal);
            var counts = indexes.Counts(tenant.Key);
            foreach (string site in counts.Keys.Where(s => !own.Contains(s)))
                indexes.Change(tenant.Key, index => index.Keep(site, _ => false));
            foreach (string site in own.Where(s => stored.GetValueOrDefault(s) != counts.GetValueOrDefault(s)))
                await MendAsync(tenant.Key, site, stop);
        }
    }

    private async Task MendAsync(string tenant, string site, CancellationToken stop)
    {
        var kept = new HashSet<PageKey>();
        var some = new List<ArrivedPage>(KeysAtOnce);
        await foreach (var page in texts.PagesAsync(site, stop))
        {
            kept.Add(page);
            some.Add(new ArrivedPage(0, page, 0));
            if (some.Count < KeysAtOnce)
                continue;
            await TakeMissingAsync(tenant, some, stop);
            some.Clear();
        }
        await TakeMissingAsync(tenant, some, stop);
        indexes.Change(tenant, index => index.Keep(site, kept.Contains));
    }

    private Task<int> TakeMissingAsync(string tenant, List<ArrivedPage> pages, CancellationToken stop)
    {
        IReadOnlyList<ulong?> known = indexes.Read<IReadOnlyList<ulong?>>(tenant, new ulong?[pages.Count], index => index.Hashes(pages.ConvertAll(p => p.Key)));
        return TakeAsync(tenant, [.. pages.Where((_, i) => known[i] is null)], stop);
    }

    private async Task<int> TakeAsync(string tenant, IReadOnlyList<ArrivedPage> pages, CancellationToken stop)
    {
        var known = indexes.Read<IReadOnlyList<ulong?>>(tenant, new ulong?[pages.Count], index => index.Hashes([.. pages.Select(p => p.Key)]));
        int taken = 0;
        foreach (var some in pages.Where((p, i) => known[i] != p.Hash).Select(p => p.Key).Distinct().Chunk(TextsAtOnce))
        {
            var read = await texts.TextsAsync(some, stop);
            if (read.Count > 0)
                indexes.Change(tenant, index => index.Put(read));
            taken += read.Count;
        }
        return taken;
    }

    private async Task<Dictionary<string, string>> TenantsAsync(CancellationToken stop)
    {
        await using var connection = await control.ReadAsync(stop);
        return (await connection.QueryAsync<(string Id, string Tenant)>("SELECT id, tenant FROM sites")).ToDictionary(s => s.Id, s => s.Tenant, StringComparer.Ordinal);
    }
}
