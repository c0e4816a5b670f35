using Weir.Scheduling.Queue;

namespace Weir.Scheduling.Tests.Queue;

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
        _leasedLast = [.. _rows.Where(r => r.State == "queued" && r.Due <= now).OrderByDescending(r => r.Priority).ThenBy(r => r.Due)
            .Take(Math.Min(max, Ceiling.Of(0) - _rows.Count(r => r.State == "leased")))];
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
