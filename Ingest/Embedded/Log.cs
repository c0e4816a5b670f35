using Microsoft.Extensions.Logging;

namespace Weir.Ingest.Embedded;

/// <summary>Events of the embedded ClickHouse: 3400 to 3449. Numbers and names are never used again.</summary>
internal static partial class Log
{
    [LoggerMessage(3400, LogLevel.Error, "A request to the embedded ClickHouse failed in a way that ClickHouse has no error for.")]
    public static partial void EmbeddedRequestFailed(this ILogger log, Exception error);

    [LoggerMessage(3401, LogLevel.Information, "The embedded ClickHouse answers on {Url} (process {ProcessId}, data in {Folder}).")]
    public static partial void EmbeddedStarted(this ILogger log, Uri url, int processId, string folder);

    [LoggerMessage(3402, LogLevel.Warning, "The embedded ClickHouse (process {ProcessId}) ended with code {ExitCode}; restart {Restart} in {Wait}.")]
    public static partial void EmbeddedEnded(this ILogger log, int processId, int exitCode, long restart, TimeSpan wait);

    [LoggerMessage(3403, LogLevel.Error, "The embedded ClickHouse did not start again: {Why} Next attempt in {Wait}.")]
    public static partial void EmbeddedRestartFailed(this ILogger log, string why, TimeSpan wait);

    [LoggerMessage(3404, LogLevel.Warning, "The embedded ClickHouse did not stop within {Wait}; process {ProcessId} is killed. Its data are safe.")]
    public static partial void EmbeddedKilled(this ILogger log, TimeSpan wait, int processId);
}
