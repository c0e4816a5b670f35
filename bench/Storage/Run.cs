using Microsoft.Extensions.Logging.Abstractions;
using Weir.Detection.Catalog;
using Weir.Ingest.Embedded;
using Weir.Storage.Measuring;
using Weir.Storage.Traffic;

namespace Weir.Storage;

/// <summary>What one table showed.</summary>
/// <param name="Candidate">Its form.</param>
/// <param name="Load">How fast it took its hits.</param>
/// <param name="Size">What it takes on disk.</param>
/// <param name="Sites">Reports of one site of all.</param>
/// <param name="Largest">Reports of the largest site.</param>
/// <param name="All">Reports of all sites together.</param>
internal sealed record Figures(
    Candidate Candidate, LoadFigures Load, SizeFigures Size, List<QueryFigures> Sites, List<QueryFigures> Largest, List<QueryFigures> All);

/// <summary>One run: loads, measures, reports.</summary>
internal sealed class Run(Options options)
{
    // As large as a batch may usefully be: one edge at its limit fills it in a fifth of a second.
    private const int BatchRows = 100_000;

    private readonly CrawlerCatalog _catalog = CrawlerCatalog.Load();
    private string _version = "";

    /// <summary>Does it all.</summary>
    public async Task GoAsync()
    {
        double traffic = Loading.RateOfTraffic(_catalog, options.Seed);
        double write = ChannelWrites.Measure(_catalog);
        Progress.Say($"traffic is made at {traffic:N0} hits/s; handing a hit over takes {write:0} ns with two writers");
        List<Figures> compared = [], whole = [];
        List<(string Order, List<(string Column, string Form, double Bytes)> Forms)> lab = [];
        foreach (var candidate in Candidate.All.Where(c => options.Only.Count == 0 || options.Only.Contains(c.Name)))
        {
            await WithStoreAsync(candidate, options.Hits, compared, candidate == Candidate.All[0] ? async store =>
            {
                foreach (string order in CodecLab.Orders)
                {
                    lab.Add((order, await CodecLab.MeasureAsync(store, order)));
                    Progress.Say($"forms of columns by {order}: measured");
                }
            }
            : null);
        }
        if (options.FullHits > 0)
        {
            foreach (var candidate in (Candidate[])[Candidate.All[0], Candidate.All[^1]])
                await WithStoreAsync(candidate, options.FullHits, whole, null);
        }
        StoreReport.Write(options, traffic, write, _version, BatchRows, compared, whole, lab);
    }

    private async Task WithStoreAsync(Candidate candidate, long hits, List<Figures> figures, Func<StoreClient, Task>? then)
    {
        if (Directory.Exists(options.Folder))
            Directory.Delete(options.Folder, recursive: true);
        await using (var server = await EmbeddedClickHouse.StartAsync(
            new EmbeddedClickHouseOptions { Folder = options.Folder }, TimeProvider.System, NullLogger<EmbeddedClickHouse>.Instance))
        {
            using var store = new StoreClient(server.Endpoint);
            await TableMaker.MakeAsync(store, candidate);
            _version = (await store.AskAsync("SELECT version()"))[0][0];
            var load = await Loading.LoadAsync(server.Endpoint, _catalog, candidate, hits, options.Seed, BatchRows);
            Progress.Say($"{candidate.Name}: {hits:N0} hits stored, {load.Rate:N0} a second");
            await store.WaitForMergesAsync();
            var size = await SizeFigures.ReadAsync(store);
            Progress.Say($"{candidate.Name}: {size.Table:0.00} bytes a hit in {size.Parts} parts, {size.Views:0.00} for the views");
            figures.Add(await AskAsync(server, candidate, load, size));
            if (then is not null)
                await then(store);
        }
        if (!options.IsKept)
            Directory.Delete(options.Folder, recursive: true);
    }

    private async Task<Figures> AskAsync(EmbeddedClickHouse server, Candidate candidate, LoadFigures load, SizeFigures size)
    {
        using var dashboard = new Dashboard(server.Endpoint, _catalog);
        var sites = new TrafficSource(_catalog, 1, options.Seed).SiteModels.Select(s => s.Id).ToList();
        int questions = options.Questions;
        var ofSites = await dashboard.OfSitesAsync(sites, questions, options.Seed);
        var ofLargest = await dashboard.OfSiteAsync(sites[0], questions / 2);
        var ofAll = await dashboard.OfAllSitesAsync(questions / 2);
        foreach (var (what, times) in new[] { ("a site", ofSites), ("the largest site", ofLargest), ("all sites", ofAll) })
            Progress.Say($"{candidate.Name}, {what}: " + string.Join(", ", times.Select(t => $"{t.Report} {t.At(0.5):0}/{t.At(0.95):0} ms")));
        return new Figures(candidate, load, size, ofSites, ofLargest, ofAll);
    }
}
