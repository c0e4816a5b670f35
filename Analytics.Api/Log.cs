using Microsoft.Extensions.Logging;

namespace Weir.Analytics.Api;

/// <summary>What this project logs. Ids 5000–5999 are fixed and never reused; no user agent, address or key appears.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Error, "Request {RequestId} failed: {Method} {Route}")]
    public static partial void RequestFailed(this ILogger log, Exception why, string requestId, string method, string route);

    [LoggerMessage(5001, LogLevel.Warning, "ClickHouse did not answer a report: {Why}")]
    public static partial void StoreUnavailable(this ILogger log, string why);

    [LoggerMessage(5005, LogLevel.Warning, "The control store did not answer a request: {Why}")]
    public static partial void ControlUnavailable(this ILogger log, string why);

    [LoggerMessage(5002, LogLevel.Warning, "Live stream of {Site} cannot read the store and tries again: {Why}")]
    public static partial void LiveReadFailed(this ILogger log, string site, string why);

    [LoggerMessage(5003, LogLevel.Warning, "Dashboard is not part of this build. Install Node.js 20 or later with npm and build again.")]
    public static partial void DashboardMissing(this ILogger log);

    [LoggerMessage(5004, LogLevel.Warning, "Sign-in refused for a while: too many wrong keys from one address")]
    public static partial void SignInThrottled(this ILogger log);

    [LoggerMessage(5020, LogLevel.Warning, "Alerts of kind {Kind} could not be looked for, and are with the next minute: {Why}")]
    public static partial void AlertsNotEvaluated(this ILogger log, string kind, string why);

    [LoggerMessage(5008, LogLevel.Warning, "The sitemap of {Site} could not be fetched and is tried again tomorrow; the one before stays: {Why}")]
    public static partial void SitemapNotFetched(this ILogger log, string site, string why);

    [LoggerMessage(5006, LogLevel.Warning, "A sign-in by OpenID Connect failed on its way back: {Why}")]
    public static partial void OidcFailed(this ILogger log, string why);

    [LoggerMessage(5007, LogLevel.Warning, "The OpenID Connect provider {Provider} does not answer: {Why}")]
    public static partial void OidcUnavailable(this ILogger log, string provider, string why);

    [LoggerMessage(5040, LogLevel.Warning, "The index of pages could not be read for a request: {Why}")]
    public static partial void PageIndexUnavailable(this ILogger log, string why);
}
