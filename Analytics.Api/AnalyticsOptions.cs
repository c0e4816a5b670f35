using Weir.Analytics.Api.Access;

namespace Weir.Analytics.Api;

/// <summary>Settings of the analytics API and its dashboard; every default works.</summary>
public sealed record AnalyticsOptions
{
    /// <summary>Where the API listens; port 0 takes a free one. Loopback unless the operator opens it.</summary>
    public Uri Listen { get; init; } = new("http://127.0.0.1:8090");

    /// <summary>How long a dashboard sign-in lasts.</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromHours(12);

    /// <summary>The provider that members sign in with; null when there is none.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>How long entries of the audit log are kept.</summary>
    public TimeSpan AuditLife { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Wrong keys that one address may send within five minutes before it is told to wait.</summary>
    public int WrongKeysMax { get; init; } = 30;

    /// <summary>Pause between two looks for new hits of a site that somebody watches.</summary>
    /// <remarks>With a writer that flushes every second, a hit is seen within about 1.5 s of its request.</remarks>
    public TimeSpan LivePause { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Pause between two heartbeats of a live stream, so that proxies keep it open.</summary>
    public TimeSpan LiveHeartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Live streams at a time, over all keys. Each holds a queue of at most 1,000 hits.</summary>
    public int LiveListenersMax { get; init; } = 200;

    /// <summary>How long reports may go by what they last found of late identities and runs of <c>weir reclassify</c>.</summary>
    public TimeSpan AmendmentsLife { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long reports may go by what writers last said of themselves and of what they lost.</summary>
    public TimeSpan CompletenessLife { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer of a report lives, in times of what it took to make.</summary>
    public double ReportLifePerCost { get; init; } = 50;

    /// <summary>An answer that counts so many hits lives for a thousandth of its span: at a steady pace, less than a thousandth of it changes meanwhile.</summary>
    public long SteadyHits { get; init; } = 1_000;

    /// <summary>And no longer than this, since an import is no steady pace.</summary>
    public TimeSpan SteadyLifeMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The shortest life of an answer.</summary>
    public TimeSpan ReportLifeMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest: a thousandth of the span that it is about, and no more than this. Zero keeps no answers.</summary>
    public TimeSpan ReportLifeMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Memory that kept answers may take: half of it the answers, half of it the rows that several are made of.</summary>
    public long ReportCacheBytes { get; init; } = 64 << 20;

    /// <summary>Reports that ClickHouse runs at a time; further ones wait up to five seconds.</summary>
    public int ReportsAtOnceMax { get; init; } = 8;

    /// <summary>Pause between two looks for what alerts are about.</summary>
    public TimeSpan AlertPause { get; init; } = TimeSpan.FromMinutes(1);
}
