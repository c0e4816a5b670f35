using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control.Postgres;
using Weir.Control.Sql;

namespace Weir.Control.Tests;

public sealed class PostgresApiKeysTests(PostgresFixture postgres) : ApiKeysContract, IAsyncLifetime
{
    private PostgresStore _store = null!;
    private PostgresOptions _database = null!;

    public async ValueTask InitializeAsync() => _store = await PostgresStore.OpenAsync(_database = await postgres.NewDatabaseAsync(), []);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task The_secret_is_in_no_row()
    {
        var made = await (await NewKeysAsync()).CreateAsync(new NewApiKey([Scopes.Admin]));
        string rows = await postgres.Server.QueryAsync(_database.Database, "SELECT api_keys::text, encode(hash, 'escape') FROM api_keys");
        Assert.Contains(made.Key.Id, rows);
        Assert.DoesNotContain(made.Text[^44..], rows);
    }

    protected override Task<IApiKeys> NewKeysAsync() =>
        Task.FromResult<IApiKeys>(new SqlApiKeys(_store, Time, NullLogger<SqlApiKeys>.Instance));
}
