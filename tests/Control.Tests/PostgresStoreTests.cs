using Dapper;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class PostgresStoreTests(PostgresFixture postgres)
{
    private static readonly SiteId Shop = SiteId.Parse("shop");

    [Fact]
    public void Both_dialects_have_the_same_migrations() =>
        Assert.Equal(MigrationSet.Control.Read(SqlDialect.Sqlite).Select(s => s.Name), MigrationSet.Control.Read(SqlDialect.Postgres).Select(s => s.Name));

    [Fact]
    public async Task Many_programs_may_start_together_on_an_empty_database()
    {
        var database = await postgres.NewDatabaseAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PostgresStore.OpenAsync(database, []))));
        foreach (var store in all)
        {
            await using (var connection = await store.ReadAsync())
                Assert.Equal(MigrationSet.Control.Read(SqlDialect.Postgres).Count, await connection.QuerySingleAsync<int>("SELECT count(*) FROM schema_versions"));
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_refused_by_name()
    {
        var database = await postgres.NewDatabaseAsync();
        await (await PostgresStore.OpenAsync(database, [])).DisposeAsync();
        await postgres.Server.QueryAsync(database.Database, "INSERT INTO schema_versions (scriptname, applied) VALUES ('control/0999_future', now())");
        var refusal = await Assert.ThrowsAsync<ControlException>(() => PostgresStore.OpenAsync(database, []));
        Assert.Contains("newer weir", refusal.Message);
        Assert.Contains("control/0999_future", refusal.Message);
    }

    [Fact]
    public async Task A_user_who_only_reads_and_writes_rows_may_open_what_another_has_made()
    {
        var database = await postgres.NewDatabaseAsync();
        await postgres.Server.QueryAsync(database.Database, $"CREATE ROLE edge_{database.Database} LOGIN PASSWORD '{PostgresServer.Password.Replace("'", "''", StringComparison.Ordinal)}'");
        var edge = PostgresFixture.Of(postgres.Server, database.Database, $"edge_{database.Database}");
        var refusal = await Assert.ThrowsAsync<ControlException>(() => PostgresStore.OpenAsync(edge, []));
        Assert.Contains("as the database's owner may", refusal.Message);
        await (await PostgresStore.OpenAsync(database, [])).DisposeAsync();
        await postgres.Server.QueryAsync(database.Database, $"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {edge.User}");
        await using var store = await PostgresStore.OpenAsync(edge, []);
        Assert.Equal(0, await new SqlSiteDefinitions(store, TimeProvider.System).VersionAsync());
    }

    [Fact]
    public async Task A_write_that_throws_keeps_nothing()
    {
        await using var store = await PostgresStore.OpenAsync(await postgres.NewDatabaseAsync(), []);
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteAsync<int>(async t =>
        {
            await t.Connection!.ExecuteAsync("INSERT INTO tenants (id, created_ms) VALUES ('acme', 0)", transaction: t);
            throw new InvalidOperationException();
        }));
        await using var connection = await store.ReadAsync();
        Assert.Equal(0, await connection.QuerySingleAsync<int>("SELECT count(*) FROM tenants"));
    }

    [Fact]
    public async Task A_wrong_password_is_said_without_it_and_is_an_outage()
    {
        var given = await postgres.NewDatabaseAsync();
        var wrong = new PostgresOptions { Host = given.Host, Port = given.Port, Database = given.Database, User = given.User, Password = "hunter2" };
        var refusal = await Assert.ThrowsAsync<ControlException>(() => PostgresStore.OpenAsync(wrong, []));
        Assert.Contains($"postgres://weir@127.0.0.1:{given.Port}/{given.Database}", refusal.Message);
        Assert.Contains("password authentication failed", refusal.Message);
        Assert.DoesNotContain("hunter2", refusal.ToString());
        await using var store = PostgresStore.Create(wrong);
        Assert.True(StoreOutage.Is(await Assert.ThrowsAnyAsync<Exception>(() => store.ReadAsync())));
    }

    [Fact]
    public async Task A_server_that_was_away_or_hung_is_used_again_by_the_next_call()
    {
        await using var server = await PostgresServer.StartAsync();
        var database = PostgresFixture.Of(server, await server.CreateDatabaseAsync());
        await using var store = PostgresStore.Create(database);
        var definitions = new SqlSiteDefinitions(store, TimeProvider.System);
        await server.StopAsync();
        await AssertOutageAsync(); // before the schema was made
        await server.StartAgainAsync();
        Assert.Equal(0, await definitions.VersionAsync());

        await definitions.PutAsync(Shop, Tenant.Default, "{}", null, new Actor(ActorKind.Account, "test"));
        await server.StopAsync();
        await AssertOutageAsync();
        await server.StartAgainAsync();
        Assert.Equal(1, await definitions.VersionAsync());

        await server.FreezeAsync();
        await AssertOutageAsync();
        await server.ThawAsync();
        Assert.Equal(1, await definitions.VersionAsync());

        async Task AssertOutageAsync() => Assert.True(StoreOutage.Is(await Assert.ThrowsAnyAsync<Exception>(() => definitions.VersionAsync())));
    }

    [Fact]
    public async Task A_server_without_a_certificate_for_its_name_is_refused_where_tls_is_asked_for()
    {
        var given = await postgres.NewDatabaseAsync();
        var tls = new PostgresOptions { Host = given.Host, Port = given.Port, Database = given.Database, User = given.User, Password = given.Password, IsTls = true };
        Assert.Contains("SSL", (await Assert.ThrowsAsync<ControlException>(() => PostgresStore.OpenAsync(tls, []))).Message);
    }
}
