using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Ingest;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Tests;

namespace Weir.EmbeddedHost;

/// <summary>A writer in a process of its own, to be killed.</summary>
internal static class HitWriting
{
    public const string Command = "hit-writer";

    /// <summary>Hands hits over, and runs until its standard input ends or it is killed; for each line it says what is lost.</summary>
    public static async Task<int> RunAsync(Uri url, string database, string folder, int hits)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddIngest(new ClickHouseEndpoint(url, "default", "test", database), new IngestOptions
        {
            Edge = "edge-1",
            BatchRows = 200,
            FlushInterval = TimeSpan.FromMilliseconds(20),
            SpoolFolder = folder,
        });
        await using var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
            await service.StartAsync(default);
        for (int number = 0; number < hits; number++)
            provider.GetRequiredService<IHitSink>().TryWrite(Hits.Number(number));
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(string.Join(' ', provider.GetRequiredService<LossCounters>().All().Select(l => $"{l.Reason.Name()} {l.Count}")));
        return 0;
    }
}
