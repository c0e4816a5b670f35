using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Detection.Catalog;
using Weir.Ingest;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Reporting;
using Weir.Storage.Traffic;

namespace Weir.Storage.Measuring;

/// <summary>How fast hits were stored.</summary>
/// <param name="Hits">How many.</param>
/// <param name="Seconds">From the first hit handed over to the last one stored.</param>
internal sealed record LoadFigures(long Hits, double Seconds)
{
    /// <summary>Hits a second.</summary>
    public double Rate => Hits / Seconds;
}

/// <summary>Stores hits as an edge does: handed to <see cref="IHitSink"/>, written by the writer behind it, seen by every view.</summary>
internal static class Loading
{
    private const int Step = 512;

    /// <summary>Stores so many hits; none is lost, since the channel is given no more than it has room for.</summary>
    public static async Task<LoadFigures> LoadAsync(ClickHouseEndpoint endpoint, CrawlerCatalog catalog, Candidate candidate, long hits, int seed, int batchRows)
    {
        var traffic = new TrafficSource(catalog, hits, seed, candidate.HasTimedIds);
        var options = new IngestOptions { Edge = "bench", AppliesSchema = false, BatchRows = batchRows, ChannelCapacity = 2 * batchRows, DrainTimeout = TimeSpan.FromMinutes(5) };
        await using var services = new ServiceCollection().AddLogging().AddIngest(endpoint, options).BuildServiceProvider();
        var writers = services.GetServices<IHostedService>().ToList();
        foreach (var writer in writers)
            await writer.StartAsync(CancellationToken.None);
        var (sink, channel) = (services.GetRequiredService<IHitSink>(), services.GetRequiredService<HitChannel>());
        var time = TimeProvider.System;
        long began = time.GetTimestamp();
        for (long made = 0; made < hits;)
        {
            if (channel.Waiting > options.ChannelCapacity - Step)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), time);
                continue;
            }
            for (long end = Math.Min(hits, made + Step); made < end; made++)
            {
                traffic.Next(out var hit);
                sink.TryWrite(in hit);
            }
        }
        foreach (var writer in writers)
            await writer.StopAsync(CancellationToken.None);
        double seconds = time.GetElapsedTime(began).TotalSeconds;
        long lost = services.GetRequiredService<LossCounters>().Total;
        return lost == 0 ? new LoadFigures(hits, seconds) : throw new BenchException($"{lost:N0} hits were lost on the way, so the figures mean nothing.");
    }

    /// <summary>How fast the traffic is made when nobody takes it: the bound of every rate.</summary>
    public static double RateOfTraffic(CrawlerCatalog catalog, int seed)
    {
        const int Hits = 2_000_000;
        var traffic = new TrafficSource(catalog, Hits, seed);
        long began = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < Hits; i++)
            traffic.Next(out _);
        return Hits / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }
}
