using Weir.Control.Postgres;
using Weir.Control.Sql;

namespace Weir.Control.Tests;

public sealed class PostgresSitesTests(PostgresFixture postgres) : SitesContract, IAsyncLifetime
{
    private PostgresStore _store = null!;

    public async ValueTask InitializeAsync() => _store = await PostgresStore.OpenAsync(await postgres.NewDatabaseAsync(), []);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    protected override Task<ISites> NewSitesAsync() => Task.FromResult<ISites>(new SqlSites(_store, TimeProvider.System));
}
