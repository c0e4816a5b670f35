namespace Weir.Analytics.Api.Alerts;

/// <summary>Finds what one kind of alert looks for, for all alerts of that kind together. For one caller at a time: some remember what they read.</summary>
internal interface IAlertFinder
{
    /// <summary>Its kind of alert.</summary>
    string Kind { get; }

    /// <summary>How often it looks; more often would find nothing else.</summary>
    TimeSpan Every { get; }

    /// <summary>Everything that fires as of a time. What is not in the answer does not fire.</summary>
    /// <param name="alerts">Enabled alerts of the kind.</param>
    /// <param name="states">What these alerts found before.</param>
    /// <param name="until">Every hit before it is in the store, and none behind it counts.</param>
    /// <param name="stop">Gives up.</param>
    /// <returns>Null when nothing can be said yet: everything stays as it is.</returns>
    Task<IReadOnlyList<Finding>?> FindAsync(IReadOnlyList<Alert> alerts, IReadOnlyList<AlertState> states, DateTimeOffset until, CancellationToken stop);
}

/// <summary>What finders share.</summary>
internal static class AlertFinders
{
    // Names travel in a query's parameters; 2,000 of them stay far below what ClickHouse takes in a request.
    private const int SitesAtOnce = 2000;

    /// <summary>The sites of alerts, in portions for one query each.</summary>
    public static IEnumerable<string[]> SitesOf(IEnumerable<Alert> alerts) =>
        alerts.Select(a => a.Site).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Chunk(SitesAtOnce);

    /// <summary>The beginning of the hour of a time.</summary>
    public static long HourMs(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / HourLengthMs * HourLengthMs;

    public const long HourLengthMs = 3_600_000;
}
