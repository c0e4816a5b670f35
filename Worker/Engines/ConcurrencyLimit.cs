namespace Weir.Worker.Engines;

/// <summary>How many questions an engine is asked at a time: one more for each round that goes well, half as many when it says that these are too
/// many (429, 503); until it first says so, twice as many each round. Safe from any thread.</summary>
/// <remarks>Slow start, additive increase, multiplicative decrease, as TCP does it (RFC 5681): workers that share an engine come to like shares without
/// knowing of each other. Refusals of questions that were under way at a halving do not halve again: they speak of the limit before it.</remarks>
public sealed class ConcurrencyLimit
{
    private readonly Lock _lock = new();
    private readonly int _max;
    private double _limit;
    private long _round;

    /// <summary>Begins at <paramref name="start"/> and stays between 1 and <paramref name="max"/>.</summary>
    public ConcurrencyLimit(int start, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        _max = max;
        _limit = Math.Clamp(start, 1, max);
    }

    /// <summary>Questions that may be under way now, 1 or more.</summary>
    public int Value
    {
        get
        {
            lock (_lock)
                return (int)_limit;
        }
    }

    /// <summary>Number of halvings so far; taken when a question is sent, given to <see cref="Lower"/> with its refusal.</summary>
    public long Round
    {
        get
        {
            lock (_lock)
                return _round;
        }
    }

    /// <summary>A question was answered.</summary>
    public void Raise()
    {
        lock (_lock)
            _limit = Math.Min(_max, _limit + (_round == 0 ? 1 : 1 / _limit));
    }

    /// <summary>A question was refused as one too many.</summary>
    /// <param name="round">The <see cref="Round"/> in which it was sent.</param>
    public void Lower(long round)
    {
        lock (_lock)
        {
            if (round != _round)
                return;
            _round++;
            _limit = Math.Max(1, _limit / 2);
        }
    }
}
