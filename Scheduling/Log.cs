using Microsoft.Extensions.Logging;

namespace Weir.Scheduling;

/// <summary>Log events of Scheduling, ids 6000–6999: fixed, never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "{Triggers} new triggers, {Targets} targets planned.")]
    public static partial void Triggered(this ILogger log, int triggers, int targets);

    [LoggerMessage(6002, LogLevel.Warning, "Stored hits cannot be read: {Why} Triggers wait; reading goes on where it stopped.")]
    public static partial void HitsUnreadable(this ILogger log, string why);

    [LoggerMessage(6003, LogLevel.Information, "Stored hits can be read again, after {Failures} failures.")]
    public static partial void HitsReadable(this ILogger log, int failures);

    [LoggerMessage(6004, LogLevel.Warning, "The control store refused a write: {Why} Scans wait; planning goes on where it stopped.")]
    public static partial void PlanningFailed(this ILogger log, string why);

    [LoggerMessage(6020, LogLevel.Information, "This program plans scans: {Targets} targets of {Tenants} tenants.")]
    public static partial void PlanningHere(this ILogger log, int targets, int tenants);

    [LoggerMessage(6021, LogLevel.Information, "{Scans} scans planned.")]
    public static partial void ScansPlanned(this ILogger log, int scans);

    [LoggerMessage(6022, LogLevel.Warning, "What was believed of {Targets} targets is lost: they are scanned by intervals until their next results.")]
    public static partial void BeliefsLost(this ILogger log, int targets);

    [LoggerMessage(6030, LogLevel.Information, "Import {Import} ended: {How}")]
    public static partial void Imported(this ILogger log, long import, string how);

    [LoggerMessage(6031, LogLevel.Warning, "Imports cannot go on: {Why} They are tried again where they stopped.")]
    public static partial void ImportInterrupted(this ILogger log, string why);

    [LoggerMessage(6005, LogLevel.Information, "{Queued} leases ran out and are queued again, {Dead} became dead letters.")]
    public static partial void LeasesRanOut(this ILogger log, int queued, int dead);

    [LoggerMessage(6032, LogLevel.Warning, "What happened cannot be told to webhooks: {Why} It waits in the outbox.")]
    public static partial void OutboxUnreadable(this ILogger log, string why);

    [LoggerMessage(6040, LogLevel.Information, "Deleted by age: {Triggers} triggers, {Events} events, {Scans} scans, {Results} results.")]
    public static partial void OldRowsDeleted(this ILogger log, int triggers, int events, int scans, int results);

    [LoggerMessage(6041, LogLevel.Warning, "Old rows cannot be deleted: {Why} It is tried again in an hour.")]
    public static partial void RetentionFailed(this ILogger log, string why);

    [LoggerMessage(6050, LogLevel.Information, "{Secrets} secrets that stood in clear in the control store are sealed; keep the key file with your backups.")]
    public static partial void SecretsSealed(this ILogger log, int secrets);

    [LoggerMessage(6051, LogLevel.Warning, "Secrets of webhooks and channels cannot be sealed or opened: {Why}")]
    public static partial void SecretsNotSealed(this ILogger log, string why);

    [LoggerMessage(6060, LogLevel.Debug, "{Pages} pages are new in the index or have another text.")]
    public static partial void PagesIndexed(this ILogger log, int pages);

    [LoggerMessage(6061, LogLevel.Warning, "Texts of pages cannot be indexed: {Why} Suggestions go by what was indexed before; reading goes on where it stopped.")]
    public static partial void PagesNotIndexed(this ILogger log, string why);

    [LoggerMessage(6062, LogLevel.Warning, "The index of pages {File} is damaged ({Why}). It is made anew from the store.")]
    public static partial void PageIndexDamaged(this ILogger log, string file, string why);
}
