namespace Weir.Scheduling.Tests.Queue;

public sealed class PostgresScanQueueTests(PostgresFixture postgres) : ScanQueueContract
{
    private protected override async Task<Store> NewStoreAsync() => await Store.NewAsync(postgres: await postgres.NewDatabaseAsync());
}
