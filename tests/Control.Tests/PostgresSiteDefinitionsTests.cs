using Weir.Control.Postgres;
using Weir.Control.Sql;

namespace Weir.Control.Tests;

public sealed class PostgresSiteDefinitionsTests(PostgresFixture postgres) : SiteDefinitionsContract, IAsyncLifetime
{
    private readonly List<PostgresStore> _stores = [];
    private PostgresOptions _database = null!;

    public async ValueTask InitializeAsync() => _database = await postgres.NewDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
    }

    protected override async Task<ISiteDefinitions> NewDefinitionsAsync()
    {
        var store = await PostgresStore.OpenAsync(_database, []);
        lock (_stores)
            _stores.Add(store);
        return new SqlSiteDefinitions(store, Time);
    }
}
