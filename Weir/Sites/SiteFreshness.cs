namespace Weir.Sites;

/// <summary>When each source of sites was last read in good order: how old what is served may be. Safe from any thread.</summary>
/// <param name="time">The clock.</param>
internal sealed class SiteFreshness(TimeProvider time)
{
    // Milliseconds since 1970, by source; 0 for sources that are not used. Each is written and read whole.
    private readonly long[] _seenMs = new long[Enum.GetValues<SiteSource>().Length];

    private readonly long[] _failures = new long[Enum.GetValues<SiteSource>().Length];

    /// <summary>The source was read just now.</summary>
    public void Seen(SiteSource source) => Seen(source, time.GetUtcNow());

    /// <summary>The source was read then; what is in force of it is of that time.</summary>
    public void Seen(SiteSource source, DateTimeOffset at) => Interlocked.Exchange(ref _seenMs[(int)source], at.ToUnixTimeMilliseconds());

    /// <summary>The source could not be asked.</summary>
    public void Failed(SiteSource source) => Interlocked.Increment(ref _failures[(int)source]);

    /// <summary>How often a source could not be asked.</summary>
    public long FailuresOf(SiteSource source) => Interlocked.Read(ref _failures[(int)source]);

    /// <summary>The sources in use, with when each was last read.</summary>
    public IReadOnlyList<(SiteSource Source, DateTimeOffset At)> All =>
        [.. Enum.GetValues<SiteSource>().Select(s => (s, Ms: Interlocked.Read(ref _seenMs[(int)s]))).Where(s => s.Ms != 0).Select(s => (s.s, DateTimeOffset.FromUnixTimeMilliseconds(s.Ms)))];

    /// <summary>The name of a source in metrics and reports.</summary>
    public static string NameOf(SiteSource source) => source switch
    {
        SiteSource.Flag => "flag",
        SiteSource.Settings => "settings",
        SiteSource.Folder => "folder",
        SiteSource.Control => "control",
        SiteSource.Sample => "sample",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, null),
    };
}
