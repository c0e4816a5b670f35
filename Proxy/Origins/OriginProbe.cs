using Weir.Control;

namespace Weir.Proxy.Origins;

/// <summary>What one check says of one origin. Shared by every site that checks it so; read from any thread, noted by one at a time.</summary>
internal sealed class OriginProbe(Origin origin, OriginCheck check)
{
    private int _streak;
    private bool _isDown;

    /// <summary>The origin asked.</summary>
    public Origin Origin { get; } = origin;

    /// <summary>What it is asked.</summary>
    public OriginCheck Check { get; } = check;

    /// <summary>Whether requests should go there. True until checks have failed: who was never asked is not ill.</summary>
    public bool IsHealthy => !Volatile.Read(ref _isDown);

    /// <summary>When it is asked next, by the monotonic clock; the checker's own.</summary>
    public long DueAt { get; set; }

    /// <summary>Whether an answer is waited for; the checker's own.</summary>
    public bool IsUnderWay { get; set; }

    /// <summary>Notes an answer.</summary>
    /// <returns>Whether that changed its health.</returns>
    public bool Note(bool isGood)
    {
        // Up from 1 for good answers in a row, down from -1 for bad ones.
        _streak = isGood ? Math.Max(_streak, 0) + 1 : Math.Min(_streak, 0) - 1;
        bool isDown = isGood ? _isDown && _streak < Check.HealthyAfter : _isDown || -_streak >= Check.UnhealthyAfter;
        if (isDown == _isDown)
            return false;
        // Requests read it; one a moment late goes where the one before it went.
        Volatile.Write(ref _isDown, isDown);
        return true;
    }
}
