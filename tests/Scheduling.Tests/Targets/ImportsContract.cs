using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Scheduling.Targets;
using Weir.TestKit;

namespace Weir.Scheduling.Tests.Targets;

/// <summary>What holds on every store.</summary>
public abstract class ImportsContract : StoreContract
{
    private readonly TemporaryFolder _uploads = new();

    private ImportFolder Folder => new(new SchedulingSettings { ImportFolder = _uploads["uploads"] });

    [Fact]
    public async Task A_large_file_is_imported_in_steps_with_its_errors()
    {
        var rows = Enumerable.Range(0, 5_000).Select(i => i % 100 == 7 ? $"Acme,q{i},altavista,demo,/p{i}" : $"Acme,q{i},chatgpt,demo,/p{i}");
        var job = await AddAsync(rows);
        Assert.Equal("waiting", job.State);
        var done = await RunAsync(job.Id);
        Assert.Equal(("done", 5_000L, 4_950L, 0L, 0L, 50L, 5_001L), (done.State, done.Rows, done.Created, done.Linked, done.Unchanged, done.Rejected, done.LastLine));
        var first = await Store.Imports.ErrorsAsync(job.Id, 0, 30);
        var rest = await Store.Imports.ErrorsAsync(job.Id, first[^1].Id, 30);
        Assert.Equal((30, 20), (first.Count, rest.Count));
        Assert.Equal((9L, "engines[0]"), (first[0].Line, first[0].Field));
        Assert.Empty(Directory.GetFiles(_uploads["uploads"]));

        // Again: nothing changes.
        Assert.Equal(4_950, (await RunAsync((await AddAsync(rows)).Id)).Unchanged);
        Assert.Equal(2, (await Store.Imports.ListAsync(Store.Mine, null, 10)).Count);
        Assert.Empty(await Store.Imports.ListAsync(Store.Theirs, null, 10));
        Assert.Null(await Store.Imports.FindAsync(Store.Theirs, job.Id));
        Assert.Null(await Store.Imports.FindAsync(Store.Mine with { Sites = [Store.Demo] }, job.Id));
    }

    [Fact]
    public async Task A_run_that_was_interrupted_goes_on_where_it_was()
    {
        var job = await AddAsync(Enumerable.Range(0, 3_000).Select(i => $"Acme,q{i},chatgpt,demo,/p{i}"));
        var open = Assert.Single(await Store.Imports.OpenAsync(default));
        await Store.Imports.StoreAsync(open, new ImportStep(1_001, 1_000, [.. Enumerable.Range(0, 1_000).Select(i => new NewTarget("Acme", $"q{i}", "chatgpt", [new PageLink(Store.Demo, $"/p{i}")]))], [], 0), default);
        Assert.Equal(("running", 1_000L), ((await Store.Imports.FindAsync(Store.Mine, job.Id))!.State, (await Store.Imports.FindAsync(Store.Mine, job.Id))!.Created));
        var done = await RunAsync(job.Id);
        Assert.Equal(("done", 3_000L, 3_000L, 0L), (done.State, done.Rows, done.Created, done.Unchanged));
    }

    [Fact]
    public async Task An_upload_that_is_gone_or_unreadable_fails_and_says_where()
    {
        var gone = await AddAsync(["Acme,q,chatgpt,demo,/p"]);
        foreach (string file in Directory.GetFiles(_uploads["uploads"]))
            File.Delete(file);
        Assert.Contains("gone", (await RunAsync(gone.Id)).Why, StringComparison.Ordinal);
        var broken = await RunAsync((await AddAsync(["Acme,q,chatgpt,demo,/p", "Acme,\"open,chatgpt,demo,/p"])).Id);
        Assert.Equal("failed", broken.State);
        Assert.Contains("Line 3", broken.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_is_read_back_as_it_was()
    {
        var text = Gen.Char["a,;|\\\"' é*"].Array[1, 8].Select(c => new string(c).Trim() is { Length: > 0 } t ? t : "x");
        var wish = Gen.Select(text, text, text.Select(t => "/" + t).Array[1, 3], text.Array[0, 2], Gen.Double[0.01, 1]);
        await wish.Array[1, 20].SampleAsync(async wishes =>
        {
            await Store.Topics.BrandsAsync("default", 0, 1);
            foreach (var brand in await Store.Topics.BrandsAsync("default", 0, 1000))
                await Store.Topics.DeleteBrandAsync("default", brand.Id, Control.Actor.Account);
            await Store.Targets.UpsertAsync("default", [.. wishes.Select(w => new NewTarget(
                w.Item1, w.Item2, "chatgpt", [.. w.Item3.Select(p => p.Trim()).Distinct().Select(p => new PageLink(Store.Demo, p, w.Item5))], [.. w.Item4.Distinct()]))]);
            var before = await FormsAsync();
            foreach (bool isCsv in new[] { true, false })
            {
                using var to = new StringWriter();
                var export = new TargetExport(Store.Targets);
                await (isCsv ? export.WriteCsvAsync(Store.Mine, to, default) : export.WriteJsonLinesAsync(Store.Mine, to, default));
                foreach (var brand in await Store.Topics.BrandsAsync("default", 0, 1000))
                    await Store.Topics.DeleteBrandAsync("default", brand.Id, Control.Actor.Account);
                var rules = await TargetRules.ForAsync(Store.Mine, new SqlSiteHosts(Store.Control, new SiteFiles([])), Store.Engines, default);
                using var body = new MemoryStream(Encoding.UTF8.GetBytes(to.ToString()));
                var summary = await new TargetImport(Store.Targets).RunAsync("default", TargetRows.ReadAsync(body, rules, null), default);
                Assert.True(summary.Rejected == 0, summary.Errors.FirstOrDefault()?.Error + "\n" + to);
                Assert.Equal(before, await FormsAsync());
            }
        }, iter: 20, threads: 1);
    }

    private async Task<List<string>> FormsAsync() => [.. (await Store.Targets.ListAsync(Store.Mine, 0, 1000))
        .Select(t => $"{t.Brand}\n{t.Query}\n{t.Engine}\n{string.Join(' ', t.Topics.Order(StringComparer.Ordinal))}\n"
            + string.Join('\n', t.Pages.OrderBy(p => p.Pattern, StringComparer.Ordinal))).Order(StringComparer.Ordinal)];

    private async Task<ImportJob> AddAsync(IEnumerable<string> rows)
    {
        var (name, file) = Folder.Create();
        await using (file)
            await file.WriteAsync(Encoding.UTF8.GetBytes("brand,query,engine,site,pattern\n" + string.Join('\n', rows)));
        return await Store.Imports.AddAsync(new NewImport("default", null, null, name, 1));
    }

    /// <summary>Runs this machine's imports until one has ended.</summary>
    private async Task<ImportJob> RunAsync(long id)
    {
        var log = new Warnings();
        using var runner = new ImportRunner(Store.Imports, Folder, new SqlSiteHosts(Store.Control, new SiteFiles([])), Store.Engines, Store.Time, log);
        await runner.StartAsync(default);
        ImportJob? job;
        while ((job = await Store.Imports.FindAsync(Store.Mine, id)) is not { FinishedAt: not null })
        {
            Assert.Equal([], log.All);
            await Task.Yield();
        }
        await runner.StopAsync(default);
        return job;
    }
}

internal sealed class Warnings : ILogger<ImportRunner>
{
    public System.Collections.Concurrent.ConcurrentQueue<string> All { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Warning)
            All.Enqueue(formatter(state, exception));
    }
}

public sealed class SqliteImportsTests : ImportsContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();
}

public sealed class PostgresImportsTests(PostgresFixture postgres) : ImportsContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
