using Weir.Control.Postgres;

namespace Weir.Control.Tests;

public sealed class PostgresSessionsTests(PostgresFixture postgres) : SessionsContract, IAsyncLifetime
{
    private PostgresStore _store = null!;

    protected override IControlStore Store => _store;

    public async ValueTask InitializeAsync() => _store = await PostgresStore.OpenAsync(await postgres.NewDatabaseAsync(), []);

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
