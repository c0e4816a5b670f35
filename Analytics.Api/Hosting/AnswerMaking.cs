namespace Weir.Analytics.Api.Hosting;

/// <summary>One answer of a report while it is made: what is wanted of it, and what it came from. Safe from any thread.</summary>
/// <remarks>It flows with the calls that make the answer, as <c>Activity.Current</c> does: each report would else carry it through to whatever asks the store.</remarks>
/// <param name="wantsFresh">Whether no kept rows may be used.</param>
/// <param name="longest">How old rows may be at most.</param>
internal sealed class AnswerMaking(bool wantsFresh, TimeSpan longest)
{
    private static readonly AsyncLocal<AnswerMaking?> Flowing = new();

    private readonly Lock _lock = new();
    private volatile bool _hasAskedStore, _hasWaited;
    private (DateTimeOffset Made, DateTimeOffset Until)? _rows;

    /// <summary>The one that this call belongs to; null where no answer is made.</summary>
    public static AnswerMaking? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Whether no kept rows may be used.</summary>
    public bool WantsFresh => wantsFresh;

    /// <summary>How old rows may be at most.</summary>
    public TimeSpan Longest => longest;

    /// <summary>Where it came from: <c>made</c> by asking the store, <c>joined</c> with what was asked for another, or <c>kept</c>.</summary>
    public string From => _hasAskedStore ? "made" : _hasWaited ? "joined" : "kept";

    /// <summary>When the oldest rows were read that it was made of, and until when all of them count; null without any.</summary>
    public (DateTimeOffset Made, DateTimeOffset Until)? Rows
    {
        get
        {
            lock (_lock)
                return _rows;
        }
    }

    /// <summary>Notes that the store was asked.</summary>
    public void AsksStore() => _hasAskedStore = true;

    /// <summary>Notes that another's question was waited for.</summary>
    public void Waits() => _hasWaited = true;

    /// <summary>Notes rows that it is made of.</summary>
    public void Uses(DateTimeOffset made, DateTimeOffset until)
    {
        lock (_lock)
            _rows = _rows is { } known ? (made < known.Made ? made : known.Made, until < known.Until ? until : known.Until) : (made, until);
    }
}
