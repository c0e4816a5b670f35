using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests.Schema;

[Collection(StoreCollection.Name)]
public class SchemaMigratorTests(ClickHouseServer server)
{
    [Fact]
    public async Task Several_programs_that_start_together_apply_each_migration_once()
    {
        using var store = new Store(server.NewDatabase());
        int[] applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => SchemaMigrator.ApplyAsync(store.Endpoint))));
        Assert.Equal(Migration.All.Count, applied.Sum());
        Assert.Equal(Migration.All.Count, await store.NumberAsync("SELECT count() FROM schema_migrations"));
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE 'schema_lock%'"));
        Assert.Equal(0, await SchemaMigrator.ApplyAsync(store.Endpoint));
    }

    [Fact]
    public async Task A_migration_left_half_applied_is_completed()
    {
        using var store = await Store.NewAsync(server);
        await store.RunAsync("DROP TABLE hits_hourly_view SYNC");
        await store.RunAsync("TRUNCATE TABLE schema_migrations");
        Assert.Equal(Migration.All.Count, await SchemaMigrator.ApplyAsync(store.Endpoint));
        Assert.Equal(1, await store.NumberAsync("EXISTS hits_hourly_view"));
    }

    [Fact]
    public async Task A_store_that_is_newer_is_refused_with_what_to_run()
    {
        using var store = await Store.NewAsync(server);
        await store.RunAsync("INSERT INTO schema_migrations (number, name, checksum) VALUES (9999, '9999_future', 'x')");
        var refused = await Assert.ThrowsAsync<SchemaException>(() => SchemaMigrator.ApplyAsync(store.Endpoint));
        Assert.Contains("has schema 9999", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Run the newer version of weir", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_made_by_another_file_of_the_same_number_is_refused()
    {
        using var store = await Store.NewAsync(server);
        Migration[] changed = [.. Migration.All.Select(m => m with { Sql = m.Sql + "\n-- changed" })];
        var refused = await Assert.ThrowsAsync<SchemaException>(
            () => SchemaMigrator.ApplyAsync(store.Connections, changed, TimeProvider.System, default));
        Assert.Contains(Migration.All[0].Name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lock_of_a_program_that_died_is_taken_away()
    {
        using var store = await Store.NewAsync(server);
        await store.RunAsync("CREATE TABLE schema_lock (nothing UInt8) ENGINE = Memory COMMENT 'held'");
        var taking = Enumerable.Range(0, 3).Select(async _ =>
        {
            await using var held = await SchemaLock.TakeAsync(store.Connections.Client, TimeProvider.System, default, staleAfter: TimeSpan.FromSeconds(1));
        });
        await Task.WhenAll(taking);
        Assert.Equal(0, await store.NumberAsync("SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE 'schema_lock%'"));
    }

    [Theory]
    [InlineData("weir; DROP DATABASE x")]
    [InlineData("1weir")]
    [InlineData("")]
    public async Task A_database_name_that_is_none_is_refused(string name)
    {
        var endpoint = server.NewDatabase() with { Database = name };
        var refused = await Assert.ThrowsAsync<SchemaException>(() => SchemaMigrator.ApplyAsync(endpoint));
        Assert.Contains("letters, digits and underscores", refused.Message, StringComparison.Ordinal);
    }
}
