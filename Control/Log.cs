using Microsoft.Extensions.Logging;

namespace Weir.Control;

/// <summary>Log events of Control, ids 2000–2999: fixed, never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Warning, "The last use of key {KeyId} could not be written: {Why}. The key works; its last-used time is older than it should be.")]
    public static partial void LastUseNotWritten(this ILogger log, string keyId, string why);
}
