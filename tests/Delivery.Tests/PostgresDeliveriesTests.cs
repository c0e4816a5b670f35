using Weir.Control;
using Weir.Control.Postgres;
using Weir.TestKit;

[assembly: AssemblyFixture(typeof(Weir.Delivery.Tests.PostgresFixture))]

namespace Weir.Delivery.Tests;

/// <summary>One PostgreSQL server for all tests of this project.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

public sealed class PostgresDeliveriesTests(PostgresFixture postgres) : DeliveriesContract, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private PostgresStore? _store;

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _folder.Dispose();
    }

    protected override string KeyFile => _folder["secret/certificates.key"];

    protected override async Task<IControlStore> NewStoreAsync() => _store = await PostgresStore.OpenAsync(new PostgresOptions
    {
        Host = "127.0.0.1",
        Port = postgres.Server.Port,
        Database = await postgres.Server.CreateDatabaseAsync(),
        User = PostgresServer.User,
        Password = PostgresServer.Password,
    }, [], key: new CertificateKeyFile(KeyFile));
}
