using Microsoft.Extensions.Logging;
using Weir.Worker.Scans;

namespace Weir.Worker;

/// <summary>Log events of the worker, ids 9000–9999: fixed, never reused. No key, question or answer appears.</summary>
internal static partial class Log
{
    [LoggerMessage(9000, LogLevel.Information, "Worker {Worker} asks {Engines}.")]
    public static partial void WorkerStarted(this ILogger log, string worker, string engines);

    [LoggerMessage(9001, LogLevel.Warning, "The API cannot be asked for scans of {Engine}; the worker goes on trying: {Why}")]
    public static partial void ApiAway(this ILogger log, string engine, string why);

    [LoggerMessage(9002, LogLevel.Information, "The API gives scans of {Engine} again.")]
    public static partial void ApiBack(this ILogger log, string engine);

    [LoggerMessage(9003, LogLevel.Warning, "Scan {Scan} on {Engine} was given back ({Outcome}): {Why}")]
    public static partial void ScanGivenBack(this ILogger log, long scan, string engine, string why, TellOutcome outcome);

    [LoggerMessage(9004, LogLevel.Warning, "Scan {Scan} is another worker's by now; its answer is thrown away.")]
    public static partial void LeaseLost(this ILogger log, long scan);

    [LoggerMessage(9005, LogLevel.Warning, "The result of scan {Scan} was not taken: {Outcome}.")]
    public static partial void ResultRefused(this ILogger log, long scan, TellOutcome outcome);

    [LoggerMessage(9006, LogLevel.Warning, "What became of scan {Scan} could not be told; it is leased again once its lease runs out: {Why}")]
    public static partial void ResultNotTold(this ILogger log, long scan, string why);

    [LoggerMessage(9007, LogLevel.Error, "Scan {Scan} broke the worker's own code.")]
    public static partial void ScanBroke(this ILogger log, long scan, Exception e);

    [LoggerMessage(9008, LogLevel.Warning, "{Engine} asks to be left alone for {Seconds} s.")]
    public static partial void EngineRests(this ILogger log, string engine, int seconds);
}
