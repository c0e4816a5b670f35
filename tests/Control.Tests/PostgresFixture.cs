using Weir.Control.Postgres;
using Weir.TestKit;

[assembly: AssemblyFixture(typeof(Weir.Control.Tests.PostgresFixture))]

namespace Weir.Control.Tests;

/// <summary>One PostgreSQL server for all tests of this project; each test has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    public async Task<PostgresOptions> NewDatabaseAsync() => Of(Server, await Server.CreateDatabaseAsync());

    public static PostgresOptions Of(PostgresServer server, string database, string user = PostgresServer.User) =>
        new() { Host = "127.0.0.1", Port = server.Port, Database = database, User = user, Password = PostgresServer.Password };
}
