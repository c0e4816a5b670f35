using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using Weir.Ingest.Spool;

namespace Weir.Ingest.Tests.Spool;

/// <summary>Each test has a server of its own, kills it, and a folder in which batches wait meanwhile.</summary>
public sealed class StoreAwayWithSpoolTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-spool-");
    private readonly ClickHouseServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task More_hits_than_memory_holds_come_while_the_store_is_away_and_each_is_stored_once()
    {
        using var store = new Store(_server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint, Options(batchRows: 500));
        int written = await WriteAsync(writer, 0, 3_000);
        await store.WaitForAsync(written, "SELECT count() FROM hits");
        await _server.KillAsync();
        written = await WriteAsync(writer, written, 20_000);
        await WaitAsync(() => SpooledRows() > 10_000 && writer.Waiting == 0);
        var before = await ReadCompleteUntilAfterRestartAsync(store);
        written = await WriteAsync(writer, written, 3_000);
        await store.WaitForAsync(written, "SELECT count() FROM hits");
        await WaitAsync(() => !_folder.EnumerateFiles().Any());
        Assert.True(writer.Metrics.ReplayedTotal > 0);
        await store.WaitForAsync(1, $"SELECT max(toUnixTimestamp64Milli(complete_until)) > {before} FROM writers FINAL");
        await writer.StopAsync();
        Assert.Equal(0, writer.Losses.Total);
        Assert.Equal(written, writer.Metrics.StoredTotal);
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_server_killed_again_and_again_under_inserts_and_replay_has_every_hit_once()
    {
        using var store = new Store(_server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint, Options(batchRows: 300));
        int written = 0;
        for (int round = 0; round < 6; round++)
        {
            int before = written;
            written = await WriteAsync(writer, written, 4_000);
            await store.WaitForAsync(1, $"SELECT count() > {before} FROM hits");
            await _server.KillAsync();
            written = await WriteAsync(writer, written, 4_000);
            await _server.StartAsync();
        }
        await store.WaitForAsync(written, "SELECT count() FROM hits");
        await WaitAsync(() => !_folder.EnumerateFiles().Any());
        await writer.StopAsync();
        Assert.Equal(0, writer.Losses.Total);
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_writer_killed_in_the_middle_loses_nothing_that_was_on_disk_and_its_successor_doubles_nothing()
    {
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await _server.KillAsync();
        int written = 12_000;
        using (var first = StartWriterProcess(store.Endpoint, written))
        {
            await WaitAsync(() => SpooledRows() == written);
            await _server.StartAsync();
            // It dies while it replays.
            await store.WaitForAsync(1, "SELECT count() > 1000 FROM hits");
            first.Kill();
            await first.WaitForExitAsync();
        }
        Assert.NotEmpty(_folder.EnumerateFiles("*.spool"));
        await using var second = await Writer.StartAsync(store.Endpoint, Options(batchRows: 200));
        written = await WriteAsync(second, written, 1_000);
        await store.WaitForAsync(written, "SELECT count() FROM hits");
        await WaitAsync(() => !_folder.EnumerateFiles().Any());
        await second.StopAsync();
        Assert.Equal(0, second.Losses.Total);
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Stopping_while_the_store_is_away_leaves_the_hits_to_the_next_start()
    {
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await _server.KillAsync();
        await using (var first = await Writer.StartAsync(store.Endpoint, Options(batchRows: 200)))
        {
            await WriteAsync(first, 0, 2_000);
            await first.StopAsync();
            Assert.Equal(0, first.Losses.Total);
        }
        await _server.StartAsync();
        await using var second = await Writer.StartAsync(store.Endpoint, Options(batchRows: 200));
        await store.WaitForAsync(2_000, "SELECT count() FROM hits");
        await second.StopAsync();
        await store.AssertViewsEqualTheTableAsync();
        Assert.Equal(1, await store.NumberAsync("SELECT is_stopped FROM writers FINAL"));
    }

    [Fact]
    public async Task Over_the_bound_hits_are_lost_with_their_reason_and_the_rest_is_stored()
    {
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await _server.KillAsync();
        await using var writer = await Writer.StartAsync(store.Endpoint, Options(batchRows: 200) with { SpoolBytesMax = 300_000 });
        int written = await WriteAsync(writer, 0, 20_000);
        await WaitAsync(() => writer.Waiting == 0 && SpooledRows() + writer.Losses.Total == written);
        Assert.InRange(_folder.EnumerateFiles().Sum(f => f.Length), 1, 300_000);
        var loss = Assert.Single(writer.Losses.All());
        Assert.Equal((LossReason.SpoolFull, Hits.Site), (loss.Reason, loss.Site));
        await _server.StartAsync();
        await store.WaitForAsync(written - loss.Count, "SELECT count() FROM hits");
        await writer.StopAsync();
        Assert.Equal(loss.Count, await store.NumberAsync("SELECT sum(count) FROM losses WHERE reason = 'spool-full'"));
    }

    [Fact]
    public async Task On_a_full_disk_hits_are_lost_with_their_reason_and_what_has_room_is_stored()
    {
        const int Written = 20_000;
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await _server.KillAsync();
        // A disk of one megabyte, in a mount namespace of the writer's own.
        using var writer = StartWriterProcess(store.Endpoint, Written, "unshare", "--map-root-user", "--mount", "sh", "-c",
            $"mount -t tmpfs -o size=1m tmpfs {_folder.FullName} && exec \"$@\"", "sh");
        string losses = "";
        while (losses.Length == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
            losses = await AskLossesAsync(writer);
        }
        await _server.StartAsync();
        long stored = -1, lost = 0;
        for (int attempt = 0; attempt < 1_200 && stored + lost != Written; attempt++)
        {
            losses = await AskLossesAsync(writer);
            Assert.Matches("^spool-full [0-9]+$", losses);
            lost = long.Parse(losses.Split(' ')[1], CultureInfo.InvariantCulture);
            stored = await store.NumberAsync("SELECT count() FROM hits");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
        Assert.Equal(Written, stored + lost);
        Assert.True(stored > 1_000, $"{stored} hits had room");
        // The table has a batch before each view has; one that was sent twice is then still being compared.
        await store.WaitForAsync(stored, "SELECT sum(hits) FROM hits_hourly");
        await store.WaitForAsync(0, "SELECT countIf(kind = 'crawler' AND source = 'edge') - (SELECT count() FROM crawler_fetches) FROM hits");
        await store.AssertViewsEqualTheTableAsync();
        writer.StandardInput.Close();
        await writer.WaitForExitAsync();
    }

    [Fact]
    public async Task A_store_that_hangs_sends_hits_to_disk_the_batch_under_way_included()
    {
        using var store = new Store(_server.NewDatabase());
        await using var writer = await Writer.StartAsync(store.Endpoint, Options(batchRows: 500));
        int written = await WriteAsync(writer, 0, 1_000);
        await store.WaitForAsync(written, "SELECT count() FROM hits");
        await _server.KillAsync();
        using (var silent = new TcpListener(IPAddress.Loopback, store.Endpoint.Url.Port))
        {
            silent.Start();
            written = await WriteAsync(writer, written, 6_000);
            // A file that is still in use also holds what was stored from it before.
            await WaitAsync(() => SpooledRows() >= 6_000 && writer.Waiting == 0);
        }
        await _server.StartAsync();
        await store.WaitForAsync(written, "SELECT count() FROM hits");
        await WaitAsync(() => !_folder.EnumerateFiles().Any());
        await writer.StopAsync();
        Assert.Equal(0, writer.Losses.Total);
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Refused_rows_in_a_batch_from_disk_are_lost_alone()
    {
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await store.RunAsync("ALTER TABLE hits ADD CONSTRAINT odd CHECK bytes_sent != 77");
        await _server.KillAsync();
        await using var writer = await Writer.StartAsync(store.Endpoint, Options(batchRows: 200));
        int written = await WriteAsync(writer, 0, 1_000);
        await WaitAsync(() => SpooledRows() == written);
        await _server.StartAsync();
        await store.WaitForAsync(written - 1, "SELECT count() FROM hits");
        await WaitAsync(() => !_folder.EnumerateFiles().Any());
        await writer.StopAsync();
        Assert.Equal(new Loss(LossReason.RowRefused, Hits.Site, 1), Assert.Single(writer.Losses.All()));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_batch_of_which_a_part_is_stored_is_completed()
    {
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        var inserter = new HitInserter(store.Connections);
        var views = new ViewRepair(store.Connections, inserter, NullLogger.Instance, TimeProvider.System);
        var sender = new BatchSender(inserter, new StoredRows(store.Connections), views, new LossCounters(), null, NullLogger.Instance, TimeProvider.System);
        using var batch = new HitBatch("run-1", 202601, 0);
        for (int i = 0; i < 100; i++)
            Assert.True(HitEncoder.TryWrite(batch.Rows, Hits.Number(i), Salts.Any));
        // As it was halved for a refused row, before the program died.
        await inserter.InsertAsync(batch, 0, 50, "run-1a", default);
        await inserter.InsertAsync(batch, 50, 25, "run-1ba", default);
        await sender.SendOnceAsync(batch, wasTried: true, default);
        Assert.Equal(100, await store.NumberAsync("SELECT count() FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
        await sender.SendOnceAsync(batch, wasTried: true, default);
        Assert.Equal(100, await store.NumberAsync("SELECT count() FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_batch_stored_before_is_not_stored_again_when_its_token_is_long_forgotten()
    {
        using var store = new Store(_server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        await store.RunAsync("ALTER TABLE hits MODIFY SETTING non_replicated_deduplication_window = 0");
        string kept = Path.Combine(_folder.FullName, "0000000001.spool");
        await _server.KillAsync();
        await using (var first = await Writer.StartAsync(store.Endpoint, Options(batchRows: 1_000)))
        {
            await WriteAsync(first, 0, 1_000);
            await WaitAsync(() => SpooledRows() == 1_000);
            byte[] copy = await File.ReadAllBytesAsync(kept);
            await _server.StartAsync();
            await store.WaitForAsync(1_000, "SELECT count() FROM hits");
            await WaitAsync(() => !_folder.EnumerateFiles().Any());
            await first.StopAsync();
            // As if it had died before it could note that the batch is stored.
            await File.WriteAllBytesAsync(kept, copy);
        }
        await using var second = await Writer.StartAsync(store.Endpoint, Options(batchRows: 1_000));
        await WaitAsync(() => !_folder.EnumerateFiles().Any());
        await second.StopAsync();
        Assert.Equal(1_000, await store.NumberAsync("SELECT count() FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    private IngestOptions Options(int batchRows) => new()
    {
        Edge = "edge-1",
        ChannelCapacity = 2_000,
        BatchRows = batchRows,
        FlushInterval = TimeSpan.FromMilliseconds(20),
        SpoolFolder = _folder.FullName,
    };

    private Process StartWriterProcess(ClickHouseEndpoint endpoint, int hits, params string[] within)
    {
        string[] command = [.. within, "dotnet", Path.Combine(AppContext.BaseDirectory, "Weir.EmbeddedHost.dll"), "hit-writer",
            endpoint.Url.ToString(), endpoint.Database, _folder.FullName, $"{hits}"];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    private static async Task<string> AskLossesAsync(Process writer)
    {
        await writer.StandardInput.WriteLineAsync("losses");
        return await writer.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The writer is gone.");
    }

    // As the files say: what another process would find.
    private long SpooledRows()
    {
        long rows = 0;
        foreach (var file in _folder.EnumerateFiles("*.spool"))
        {
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            rows += SegmentScan.Of(stream).Records.Sum(r => (long)r.Record.Rows);
        }
        return rows;
    }

    // A channel full for a moment is waited for: what is tried here is the disk behind it.
    private static async Task<int> WriteAsync(Writer writer, int from, int count)
    {
        for (int number = from; number < from + count; number++)
        {
            while (writer.Waiting >= 1_900)
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            Assert.True(writer.Sink.TryWrite(Hits.Number(number)));
        }
        return from + count;
    }

    private async Task<long> ReadCompleteUntilAfterRestartAsync(Store store)
    {
        long killedAt = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await _server.StartAsync();
        Assert.Equal(1, await store.NumberAsync($"SELECT max(toUnixTimestamp64Milli(complete_until)) <= {killedAt} FROM writers FINAL"));
        return killedAt;
    }

    private static async Task WaitAsync(Func<bool> fact, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(fact))] string what = "")
    {
        for (int attempt = 0; attempt < 2_400; attempt++)
        {
            if (fact())
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        }
        Assert.Fail($"waited in vain for {what}");
    }
}
