using Dapper;
using Weir.Control;
using Weir.Scheduling.Queue;

namespace Weir.Scheduling.Tests.Queue;

public sealed class SqliteScanQueueTests : ScanQueueContract
{
    private protected override Task<Store> NewStoreAsync() => Store.NewAsync();

    [Fact]
    public async Task A_lease_reads_an_index_however_many_scans_wait()
    {
        await using var connection = await Store.Control.ReadAsync();
        var queue = new QueueSql(SqlDialect.Sqlite);
        string view = $"{ScanView.Select} WHERE {ScanView.Joined} AND {Reach.TargetSql(SqlDialect.Sqlite)} AND s.id IN (1, 2)";
        string[] all =
        [
            queue.Lease(Store.Mine), queue.Best(Store.Mine), queue.DueLanes, QueueSql.DueEngines, QueueSql.CountDue, queue.LockLanes, queue.LockFreeLanes,
            queue.LanesUnderWay, queue.LoweredLanes, queue.Promote, queue.Reap, queue.Held(Store.Mine), view,
        ];
        foreach (string sql in all)
        {
            var plan = connection.Query($"EXPLAIN QUERY PLAN {sql}", new
            {
                tenant = "t",
                engine = "e",
                sites = (string?)null,
                max = 1,
                untilMs = 1,
                nowMs = 1,
                worker = "w",
                promoteMax = 1,
                maxAttempts = 1,
                ids = "[1]",
                lanes = "[]",
                engines = "[]",
                after = "",
                tenants = 1,
                dueMax = 1,
            }).Select(r => (string)r.detail).ToList();
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN scans", StringComparison.Ordinal) || step == "SCAN s" || step.StartsWith("SCAN s ", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step.Contains("targets_by_tenant", StringComparison.Ordinal));
            if (!sql.Contains("@lanes", StringComparison.Ordinal)) // a few lanes are sorted
                Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        }
    }
}
