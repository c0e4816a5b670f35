using Microsoft.Extensions.Logging;

namespace Weir.Proxy;

/// <summary>What the edge logs. Ids 4000–4999, fixed and never reused: people build alerts on them. No client address and no user agent.</summary>
public static partial class Log
{
    /// <summary>A defect of the edge.</summary>
    [LoggerMessage(4000, LogLevel.Error, "Request {RequestId} failed inside the edge.")]
    public static partial void RequestFailed(this ILogger log, string requestId, Exception exception);

    /// <summary>First failed connection to an origin in a row.</summary>
    [LoggerMessage(4001, LogLevel.Warning, "Origin {Origin} cannot be reached ({Error}). It is tried again after a pause; other origins serve meanwhile.")]
    public static partial void OriginDown(this ILogger log, Uri origin, string error);

    /// <summary>An origin answers after failures.</summary>
    [LoggerMessage(4002, LogLevel.Information, "Origin {Origin} answers again.")]
    public static partial void OriginUp(this ILogger log, Uri origin);

    /// <summary>Sites were read again and are in force.</summary>
    [LoggerMessage(4003, LogLevel.Information, "{Sites} sites are in force, read again from {File}.")]
    public static partial void SitesReloaded(this ILogger log, int sites, string file);

    /// <summary>Sites were read again and refused.</summary>
    [LoggerMessage(4004, LogLevel.Error, "{File} was changed but is not in force; the last good sites are still served. {Errors}")]
    public static partial void SitesRefused(this ILogger log, string file, string errors);

    /// <summary>A setting changed that needs a restart.</summary>
    [LoggerMessage(4005, LogLevel.Warning, "{File}: {Settings} changed; this takes effect after a restart. Sites are in force at once.")]
    public static partial void RestartNeeded(this ILogger log, string file, string settings);

    /// <summary>The background reader has a defect; the page is passed over.</summary>
    [LoggerMessage(4006, LogLevel.Error, "A page that a crawler fetched was not read, by a defect of the reader. Please report it.")]
    public static partial void ContentNotRead(this ILogger log, Exception error);
}
