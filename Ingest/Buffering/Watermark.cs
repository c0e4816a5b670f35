namespace Weir.Ingest.Buffering;

/// <summary>Until when every hit is stored or counted as lost, while batches end in another order than they were made in. Safe from any thread.</summary>
internal sealed class Watermark(DateTimeOffset start)
{
    private readonly Lock _gate = new();
    private readonly Queue<Mark> _open = new();
    private DateTimeOffset _value = start;

    /// <summary>Every hit that was handed over before this is stored or counted.</summary>
    public DateTimeOffset Value
    {
        get
        {
            lock (_gate)
                return _value;
        }
    }

    /// <summary>Goes back to a time that an earlier run of the program had reached. Only before the first batch.</summary>
    public void StartAt(DateTimeOffset time)
    {
        lock (_gate)
            _value = time < _value ? time : _value;
    }

    /// <summary>Takes a batch, in the order in which batches were made.</summary>
    /// <param name="until">What the value becomes when this and all before it are done; null when that moves nothing.</param>
    public Mark Begin(DateTimeOffset? until)
    {
        var mark = new Mark(until);
        lock (_gate)
            _open.Enqueue(mark);
        return mark;
    }

    /// <summary>A batch is stored or counted. A clock that was set back does not take back what was said.</summary>
    public void End(Mark mark)
    {
        lock (_gate)
        {
            mark.IsDone = true;
            while (_open.TryPeek(out var first) && first.IsDone)
            {
                if (_open.Dequeue().Until is { } until && until > _value)
                    _value = until;
            }
        }
    }

    /// <summary>One batch's place in the order.</summary>
    internal sealed class Mark(DateTimeOffset? until)
    {
        public DateTimeOffset? Until { get; } = until;

        public bool IsDone { get; set; }
    }
}
