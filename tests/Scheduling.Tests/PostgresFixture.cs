using Weir.Control.Postgres;
using Weir.TestKit;

[assembly: AssemblyFixture(typeof(Weir.Scheduling.Tests.PostgresFixture))]

namespace Weir.Scheduling.Tests;

/// <summary>One PostgreSQL server for all tests of this project; each test has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public async Task<PostgresOptions> NewDatabaseAsync() => Of(_server, await _server.CreateDatabaseAsync());

    public static PostgresOptions Of(PostgresServer server, string database) =>
        new() { Host = "127.0.0.1", Port = server.Port, Database = database, User = PostgresServer.User, Password = PostgresServer.Password };
}
