using CsCheck;
using Dapper;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;

namespace Weir.Scheduling.Tests.Queue;

public sealed class SqliteScanQueueTests : ScanQueueContract
{
    private protected override IScanQueue Queue => Store.Queue;

    [Fact]
    public async Task A_lease_reads_an_index_however_many_scans_wait()
    {
        await using var connection = Store.Database.Read();
        string view = $"{ScanView.Select} WHERE {Reach.TargetSql} AND s.id IN (1, 2)";
        foreach (string sql in new[] { QueueSql.LeaseAny, QueueSql.LeaseEngine, QueueSql.Promote, QueueSql.Reap, QueueSql.ReapDead, QueueSql.Held, view })
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
                id = 1,
            }).Select(r => (string)r.detail).ToList();
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN scans", StringComparison.Ordinal) || step == "SCAN s" || step.StartsWith("SCAN s ", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step.Contains("targets_by_tenant", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        }
    }

    /// <summary>Random calls on the queue and on a plain list give the same leases in the same order.</summary>
    [Fact]
    public async Task Leases_follow_a_plain_model()
    {
        var targets = await Store.AddTargetsAsync(12);
        await Gen.Select(Gen.Int[0, 5], Gen.Int[0, 11], Gen.Int[0, 4], Gen.Int[0, 90]).Array[1, 60].SampleAsync(
            async steps =>
            {
                await Store.Database.WriteAsync(t => t.Connection!.Execute("DELETE FROM results; DELETE FROM scans", transaction: t));
                var model = new QueueModel(Store.Settings.MaxAttempts);
                foreach (var (what, which, priority, seconds) in steps)
                    await StepAsync(model, targets, what, which, priority / 4.0, TimeSpan.FromSeconds(seconds));
            },
            iter: 60, threads: 1);
    }

    private async Task StepAsync(QueueModel model, IReadOnlyList<long> targets, int what, int which, double priority, TimeSpan span)
    {
        var now = Store.Time.GetUtcNow();
        switch (what)
        {
            case 0 or 1:
                await Queue.EnqueueAsync([new NewScan(targets[which], now + span - TimeSpan.FromSeconds(30), priority)]);
                model.Enqueue(targets[which], now + span - TimeSpan.FromSeconds(30), priority);
                break;
            case 2 or 3:
                var leased = await LeaseAsync(1 + (which % 4));
                Assert.Equal(model.Lease(1 + (which % 4), now, TimeSpan.FromMinutes(1)), leased.Select(s => (s.Target, s.FencingToken)));
                model.Known(leased);
                break;
            case 4:
                if (model.Held(which) is not { } hold)
                    break;
                var answer = await Queue.CompleteAsync(Store.Mine, new ScanHold(hold.Id, hold.Token), ScanResult.Gap, null);
                Assert.Equal(QueueModel.Complete(hold, now), answer.Outcome == HoldOutcome.Done);
                break;
            default:
                Store.Time.Advance(span);
                break;
        }
    }
}

/// <summary>The queue as a list: slow, and easy to believe.</summary>
internal sealed class QueueModel(int maxAttempts)
{
    private readonly List<Row> _rows = [];
    private readonly List<Hold> _holds = [];
    private List<Row> _leasedLast = [];

    public void Enqueue(long target, DateTimeOffset due, double priority)
    {
        var open = _rows.Find(r => r.Target == target && r.State is "queued" or "leased" && r.Target == target);
        if (open is null)
        {
            _rows.Add(new Row { Target = target, Due = due, Priority = priority, State = "queued" });
            return;
        }
        open.Due = due < open.Due ? due : open.Due;
        open.Priority = Math.Max(open.Priority, priority);
    }

    public IEnumerable<(long Target, long Token)> Lease(int max, DateTimeOffset now, TimeSpan lease)
    {
        foreach (var row in _rows.Where(r => r.State == "leased" && r.Until <= now))
            row.State = row.Token >= maxAttempts ? "dead" : "queued";
        // Rows stand in the order of their numbers, and the sort is stable.
        _leasedLast = [.. _rows.Where(r => r.State == "queued" && r.Due <= now).OrderByDescending(r => r.Priority).ThenBy(r => r.Due).Take(max)];
        foreach (var row in _leasedLast)
        {
            row.State = "leased";
            row.Until = now + lease;
            row.Token++;
        }
        return [.. _leasedLast.Select(r => (r.Target, r.Token))];
    }

    public void Known(IEnumerable<Scan> leased) => _holds.AddRange(_leasedLast.Zip(leased, (row, scan) => new Hold(row, scan.Id, scan.FencingToken)));

    public Hold? Held(int which) => _holds.Count == 0 ? null : _holds[which % _holds.Count];

    public static bool Complete(Hold hold, DateTimeOffset now)
    {
        bool isHeld = hold.Row.Token == hold.Token && (hold.Row.State == "done" || (hold.Row.State == "leased" && hold.Row.Until > now));
        if (isHeld)
            hold.Row.State = "done";
        return isHeld;
    }

    internal sealed record Hold(Row Row, long Id, long Token);

    internal sealed class Row
    {
        public long Target { get; init; }
        public DateTimeOffset Due { get; set; }
        public double Priority { get; set; }
        public string State { get; set; } = "";
        public DateTimeOffset Until { get; set; }
        public long Token { get; set; }
    }
}
