using Weir.Ingest.Backup;
using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests.Backup;

/// <summary>Backups made while hits keep coming, restored into another database.</summary>
public sealed class StoreBackupTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-backup-");
    private readonly ClickHouseServer _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Backup => Path.Combine(_folder.FullName, "backup");

    private string Spool => Path.Combine(_folder.FullName, SpoolCopy.FolderName);

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_was_acknowledged_before_is_there_whatever_comes_meanwhile_and_views_say_what_the_table_says()
    {
        using var store = await Store.NewAsync(_server);
        await using var writer = await Writer.StartAsync(store.Endpoint, Options());
        await WriteAsync(writer, 0, 20_000);
        await store.WaitForAsync(20_000, "SELECT count() FROM hits");
        using var enough = new CancellationTokenSource();
        var coming = Task.Run(async () =>
        {
            int number = 20_000;
            while (!enough.IsCancellationRequested)
                number = await WriteAsync(writer, number, 500);
        });
        await MakeAsync(store);
        await enough.CancelAsync();
        await coming;
        await writer.StopAsync();

        using var restored = await RestoreAsync();

        Assert.Equal(20_000, await restored.NumberAsync("SELECT countIf(hit_id <= 20000) FROM hits"));
        await restored.AssertViewsEqualTheTableAsync();
        Assert.Equal(0, await restored.NumberAsync($"SELECT count() FROM hits WHERE (hit_id, inserted_at, client_address, path) NOT IN (SELECT hit_id, inserted_at, client_address, path FROM {store.Endpoint.Database}.hits)"));
    }

    [Fact]
    public async Task Batches_on_an_edges_disk_are_in_it_and_are_stored_once_whether_the_store_had_them_or_not()
    {
        using var store = await Store.NewAsync(_server);
        await using (var writer = await Writer.StartAsync(store.Endpoint, Options()))
        {
            await WriteAsync(writer, 0, 1_000);
            await store.WaitForAsync(1_000, "SELECT count() FROM hits");
            await _server.KillAsync();
            await WriteAsync(writer, 1_000, 3_000);
            await WaitForSpoolAsync(3_000);
            Directory.CreateDirectory(Backup);
            SpoolCopy.Copy(Spool, Path.Combine(Backup, SpoolCopy.FolderName));
            await _server.StartAsync();
            // Some of it, or all, is delivered after its copy and before the store is read.
            await store.WaitForAsync(1, "SELECT count() >= 2000 FROM hits");
            await MakeAsync(store);
            await writer.StopAsync();
        }
        using var restored = await RestoreAsync();
        string spool = Path.Combine(Backup, SpoolCopy.FolderName);
        SpoolCopy.MarkTried(spool);
        await using var edge = await Writer.StartAsync(restored.Endpoint, Options() with { SpoolFolder = spool });
        await restored.WaitForAsync(4_000, "SELECT count() FROM hits");
        for (int attempt = 0; attempt < 1_200 && Directory.EnumerateFiles(spool).Any(); attempt++)
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        await edge.StopAsync();
        Assert.Empty(Directory.EnumerateFiles(spool));
        Assert.Equal(4_000, await restored.NumberAsync("SELECT count() FROM hits"));
        await restored.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Counts_that_outlived_their_hits_are_restored_as_they_were()
    {
        using var store = await Store.NewAsync(_server);
        await using (var writer = await Writer.StartAsync(store.Endpoint, Options()))
        {
            await WriteAsync(writer, 0, 1_000);
            writer.Sink.TryWrite(Hits.Number(5_000) with { TimeMs = Hits.Noon - (40L * 24 * 3_600_000) });
            await writer.StopAsync();
        }
        await store.RunAsync("ALTER TABLE hits DELETE WHERE hit_id = 5001 SETTINGS mutations_sync = 2");
        await MakeAsync(store);
        using var restored = await RestoreAsync();
        Assert.Equal((1_000, 1_001), (await restored.NumberAsync("SELECT count() FROM hits"), await restored.NumberAsync("SELECT sum(hits) FROM hits_hourly")));
        Assert.Equal(await store.TextAsync("SELECT uniqMerge(clients) FROM hits_hourly"), await restored.TextAsync("SELECT uniqMerge(clients) FROM hits_hourly"));
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("cut")]
    [InlineData("missing")]
    public async Task A_damaged_backup_is_refused_by_the_name_of_the_file(string how)
    {
        using var store = await Store.NewAsync(_server);
        await using (var writer = await Writer.StartAsync(store.Endpoint, Options()))
        {
            await WriteAsync(writer, 0, 100);
            await writer.StopAsync();
        }
        await MakeAsync(store);
        string file = Directory.EnumerateFiles(Path.Combine(Backup, "store", "hits")).Single();
        byte[] bytes = await File.ReadAllBytesAsync(file, Stop);
        if (how == "missing")
            File.Delete(file);
        else if (how == "cut")
            await File.WriteAllBytesAsync(file, bytes[..^1], Stop);
        else
            await File.WriteAllBytesAsync(file, [.. bytes[..20], (byte)(bytes[20] ^ 1), .. bytes[21..]], Stop);

        var error = await Assert.ThrowsAsync<BackupException>(() => BackupManifest.ReadAsync(Backup, Stop));
        Assert.Contains(Path.Combine("store", "hits", "202601.native.zst"), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"form":1,"begunAt":"2026-01-01T00:00:00Z","schema":1,"control":"sqlite","tables":[],"files":[{"path":"../secret","bytes":1,"sha256":"","mode":0}]}""")]
    [InlineData("""{"form":1,"begunAt":"2026-01-01T00:00:00Z","schema":1,"control":"sqlite","tables":[{"name":"hits; DROP TABLE hits","columns":["a"],"rowsAtLeast":0,"files":[]}],"files":[]}""")]
    public async Task A_manifest_that_is_none_of_ours_is_refused(string text)
    {
        Directory.CreateDirectory(Backup);
        await File.WriteAllTextAsync(Path.Combine(Backup, BackupManifest.FileName), text, Stop);
        Assert.Contains("is damaged", (await Assert.ThrowsAsync<BackupException>(() => BackupManifest.ReadAsync(Backup, Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_manifest_and_one_of_a_later_Weir_are_refused()
    {
        Directory.CreateDirectory(Backup);
        Assert.Contains("is no backup", (await Assert.ThrowsAsync<BackupException>(() => BackupManifest.ReadAsync(Backup, Stop))).Message, StringComparison.Ordinal);
        await NewManifest([], SchemaMigrator.LatestVersion + 1).WriteAsync(Backup, Stop);
        Assert.Contains("a later Weir", (await Assert.ThrowsAsync<BackupException>(() => BackupManifest.ReadAsync(Backup, Stop))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_not_empty_is_not_filled()
    {
        using var store = await Store.NewAsync(_server);
        await using (var writer = await Writer.StartAsync(store.Endpoint, Options()))
        {
            await WriteAsync(writer, 0, 10);
            await writer.StopAsync();
        }
        await MakeAsync(store);
        using var restore = new StoreRestore(store.Endpoint);
        var error = await Assert.ThrowsAsync<BackupException>(async () => await restore.RunAsync(Backup, await BackupManifest.ReadAsync(Backup, Stop), stop: Stop));
        Assert.Contains("is not empty", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, await store.NumberAsync("SELECT count() FROM hits"));
    }

    private async Task MakeAsync(Store store)
    {
        Directory.CreateDirectory(Backup);
        using var backup = new StoreBackup(store.Endpoint);
        await NewManifest(await backup.RunAsync(Backup, stop: Stop), SchemaMigrator.LatestVersion).WriteAsync(Backup, Stop);
    }

    private async Task<Store> RestoreAsync()
    {
        var restored = new Store(_server.NewDatabase());
        using var restore = new StoreRestore(restored.Endpoint);
        await restore.RunAsync(Backup, await BackupManifest.ReadAsync(Backup, Stop), stop: Stop);
        return restored;
    }

    private static BackupManifest NewManifest(IReadOnlyList<BackedUpTable> tables, int schema) =>
        new() { Form = BackupManifest.CurrentForm, BegunAt = TimeProvider.System.GetUtcNow(), Schema = schema, Control = "sqlite", Tables = tables, Files = [] };

    private IngestOptions Options() => new() { Edge = "edge-1", BatchRows = 500, ChannelCapacity = 20_000, FlushInterval = TimeSpan.FromMilliseconds(20), SpoolFolder = Spool };

    private static async Task<int> WriteAsync(Writer writer, int from, int count)
    {
        for (int number = from; number < from + count; number++)
        {
            while (writer.Waiting >= 15_000)
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            Assert.True(writer.Sink.TryWrite(Hits.Number(number) with { TimeMs = Hits.Noon + (number * 997L) }));
        }
        return from + count;
    }

    private async Task WaitForSpoolAsync(int rows)
    {
        long found = 0;
        for (int attempt = 0; attempt < 1_200 && found < rows; attempt++)
        {
            found = 0;
            foreach (string path in Directory.Exists(Spool) ? Directory.EnumerateFiles(Spool, "*.spool") : [])
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                found += Weir.Ingest.Spool.SegmentScan.Of(stream).Records.Sum(r => (long)r.Record.Rows);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        }
        Assert.True(found >= rows, $"{found} hits on disk");
    }
}
