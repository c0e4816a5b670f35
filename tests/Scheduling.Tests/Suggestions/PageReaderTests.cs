using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using Weir.Ingest.Tests;
using Weir.Scheduling.Suggestions;

namespace Weir.Scheduling.Tests.Suggestions;

/// <summary>The indexes follow a real ClickHouse.</summary>
public sealed class PageReaderTests(ClickHouseServer server) : IClassFixture<ClickHouseServer>
{
    [Fact]
    public async Task Pages_come_change_and_go_as_they_do_in_the_store()
    {
        var endpoint = server.NewDatabase();
        await SchemaMigrator.ApplyAsync(endpoint);
        using var connections = new ClickHouseConnections(endpoint);
        await using var store = await Store.NewAsync();
        var settings = new SchedulingSettings();
        using var indexes = new PageIndexes(settings, NullLogger<PageIndexes>.Instance);
        PageReader Reader() => new(new PageTextLog(connections), indexes, store.Control, settings);
        var reader = Reader();
        Task RunAsync(string sql) => connections.Client.ExecuteNonQueryAsync(sql);
        Task AddAsync(string site, string path, string text, int second = 0) => RunAsync(
            $"INSERT INTO page_texts (time, site, host, path, title, text, hash) SELECT toDateTime64('2026-11-24 12:00:{second:00}', 3, 'UTC'), '{site}', 'h', '{path}', 'title', '{text}', cityHash64('{text}')");

        Assert.Equal(0, await reader.ReadAsync(default));
        await AddAsync("demo", "/a", "apples");
        await AddAsync("demo", "/b", "bananas");
        await AddAsync("other.example", "/secret", "apples");
        await AddAsync("unknown", "/x", "apples");
        Assert.Equal(3, await reader.ReadAsync(default));
        Assert.Equal(0, await reader.ReadAsync(default));
        Assert.Equal(0, await Reader().ReadAsync(default));
        Assert.Equal(["/a"], Found(indexes, Tenant.Default, "apples"));
        Assert.Equal(["/secret"], Found(indexes, "other", "apples"));

        await AddAsync("demo", "/a", "cherries", second: 1);
        Assert.Equal(1, await reader.ReadAsync(default));
        Assert.Empty(Found(indexes, Tenant.Default, "apples"));
        Assert.Equal(["/a"], Found(indexes, Tenant.Default, "cherries"));

        // Rows that were deleted, a site that has another tenant, an index that was lost.
        await RunAsync("DELETE FROM page_texts WHERE path = '/b'");
        await store.Control.WriteAsync(async transaction =>
        {
            await using var command = transaction.Connection!.CreateCommand();
            (command.Transaction, command.CommandText) = (transaction, "UPDATE sites SET tenant = 'default' WHERE id = 'other.example'");
            return await command.ExecuteNonQueryAsync();
        });
        await reader.CompareAsync(default);
        Assert.Empty(Found(indexes, Tenant.Default, "bananas"));
        Assert.Equal(["/secret"], Found(indexes, Tenant.Default, "apples"));
        Assert.Empty(Found(indexes, "other", "apples"));
        indexes.Keep([]);
        Assert.Empty(Found(indexes, Tenant.Default, "cherries"));
        await reader.CompareAsync(default);
        Assert.Equal(["/a"], Found(indexes, Tenant.Default, "cherries"));
    }

    private static IEnumerable<string> Found(PageIndexes indexes, string tenant, string word) => indexes.Read<IReadOnlyList<FoundPage>>(
        tenant, [], index => index.Find([word], [word], ["demo", "other.example", "unknown"])).Select(f => f.Key.Path);
}
