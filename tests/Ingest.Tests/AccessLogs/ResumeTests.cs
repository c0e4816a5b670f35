using System.IO.Compression;

namespace Weir.Ingest.Tests.AccessLogs;

/// <summary>Imports that were stopped and are run again.</summary>
[Collection(StoreCollection.Name)]
public sealed class ResumeTests(ClickHouseServer server) : IDisposable
{
    private readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Theory]
    [InlineData("access.log")]
    [InlineData("access.log.gz")]
    public async Task An_import_that_was_stopped_goes_on_where_it_was_and_stores_every_line_once(string name)
    {
        using var store = await Store.NewAsync(server);
        Write(name, LogFolder.Lines(0, 50_000));
        long stored = await StopAsync(store, name, afterLines: 20_000);
        Assert.InRange(stored, 1_000, 49_999);
        var rest = await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs[name]]);
        var continued = Assert.Single(rest.Continued);
        Assert.InRange(continued.Lines, 1_000, stored);
        Assert.Equal(50_000, continued.Lines + rest.Lines);
        await AssertStoredAsync(store, 50_000);
        var again = await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs[name]]);
        Assert.Equal((50_000, 0, 50_000, 0), (again.Lines, again.Stored, again.AlreadyStored, again.Continued.Count));
    }

    [Fact]
    public async Task Equal_lines_on_both_sides_of_the_stop_are_all_stored()
    {
        using var store = await Store.NewAsync(server);
        string second = LogFolder.Lines(0, 1);
        Write("equal.log", string.Concat(Enumerable.Repeat(second, 30_000)));
        Assert.InRange(await StopAsync(store, "equal.log", afterLines: 11_000), 1_000, 29_999);
        var rest = await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["equal.log"]]);
        Assert.NotEmpty(rest.Continued);
        await AssertStoredAsync(store, 30_000);
    }

    [Fact]
    public async Task Files_that_were_read_whole_are_not_read_again()
    {
        using var store = await Store.NewAsync(server);
        Write("1.log", LogFolder.Lines(0, 15_000));
        Write("2.log", LogFolder.Lines(15_000, 15_000));
        await StopAsync(store, ["1.log", "2.log"], afterLines: 25_000);
        var rest = await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["1.log"], _logs["2.log"]]);
        Assert.Equal(15_000, rest.Continued[0].Lines);
        await AssertStoredAsync(store, 30_000);
    }

    [Fact]
    public async Task A_store_that_was_emptied_meanwhile_gets_everything()
    {
        using var store = await Store.NewAsync(server);
        Write("a.log", LogFolder.Lines(0, 20_000));
        await StopAsync(store, "a.log", afterLines: 15_000);
        await store.RunAsync("TRUNCATE TABLE hits");
        await store.RunAsync("TRUNCATE TABLE hits_hourly");
        var summary = await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["a.log"]]);
        Assert.Empty(summary.Continued);
        await AssertStoredAsync(store, 20_000);
    }

    [Fact]
    public async Task Another_log_of_the_same_name_is_read_from_its_start()
    {
        using var store = await Store.NewAsync(server);
        Write("a.log", LogFolder.Lines(0, 20_000));
        await StopAsync(store, "a.log", afterLines: 15_000);
        Write("a.log", LogFolder.Lines(100_000, 500));
        var summary = await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["a.log"]]);
        Assert.Equal((500, 500, 0), (summary.Lines, summary.Stored, summary.Continued.Count));
    }

    [Fact]
    public async Task A_damaged_position_is_none()
    {
        using var store = await Store.NewAsync(server);
        Write("a.log", LogFolder.Lines(0, 20_000));
        await StopAsync(store, "a.log", afterLines: 15_000);
        foreach (string position in Directory.GetFiles(_logs["imports"], "*.json"))
            await File.WriteAllTextAsync(position, """[{"File":"x","Head":{"Length":-5,"Hash":1},"Until":{"Offset":9223372036854775807,"Line":3},"From":{"Offset":-1,"Line":0},"Columns":null,"LastTimeMs":0,"LastHitId":0}]""");
        await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["a.log"]]);
        await AssertStoredAsync(store, 20_000);
    }

    [Fact]
    public async Task Columns_that_a_log_names_at_its_head_are_known_behind_the_stop()
    {
        using var store = await Store.NewAsync(server);
        Write("iis.log", "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n"
            + string.Concat(Enumerable.Range(0, 25_000).Select(n => $"2026-01-05 {n / 3600:00}:{n / 60 % 60:00}:{n % 60:00} 1.2.3.4 GET /{n} 200\n")));
        await StopAsync(store, "iis.log", afterLines: 15_000);
        var rest = await _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["iis.log"]]);
        Assert.NotEmpty(rest.Continued);
        Assert.Equal(0, rest.Rejected);
        await AssertStoredAsync(store, 25_000);
    }

    [Fact]
    public async Task Two_imports_of_the_same_lines_at_once_store_each_once()
    {
        using var store = await Store.NewAsync(server);
        Write("a.log", LogFolder.Lines(0, 20_000));
        Write("b.log", LogFolder.Lines(0, 20_000));
        var both = await Task.WhenAll(
            _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["a.log"]]), _logs.NewImporter(store).RunAsync(LogFolder.Site, [_logs["b.log"]]));
        Assert.Equal((20_000, 20_000), (both.Sum(s => s.Stored), both.Sum(s => s.AlreadyStored)));
        await AssertStoredAsync(store, 20_000);
    }

    private Task<long> StopAsync(Store store, string name, int afterLines) => StopAsync(store, [name], afterLines);

    // Stops an import in the midst of its reading; says how much it has stored.
    private async Task<long> StopAsync(Store store, string[] names, int afterLines)
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _logs.NewImporter(store).RunAsync(LogFolder.Site, [.. names.Select(n => _logs[n])], progress =>
        {
            if (progress.Lines >= afterLines)
                stop.Cancel();
        }, stop.Token));
        return await store.NumberAsync("SELECT count() FROM hits");
    }

    private static async Task AssertStoredAsync(Store store, long lines)
    {
        Assert.Equal(lines, await store.NumberAsync("SELECT count() FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    private void Write(string name, string text)
    {
        using var file = File.Create(_logs[name]);
        using Stream to = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        to.Write(System.Text.Encoding.Latin1.GetBytes(text));
    }
}
