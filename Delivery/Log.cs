using Microsoft.Extensions.Logging;

namespace Weir.Delivery;

/// <summary>Log events of Delivery, ids 8000–8999: fixed, never reused. No address, secret or text of a message appears.</summary>
internal static partial class Log
{
    [LoggerMessage(8000, LogLevel.Warning, "Delivery {Delivery} by {Channel} failed at attempt {Attempt}: {Why}")]
    public static partial void AttemptFailed(this ILogger log, string delivery, string channel, int attempt, string why);

    [LoggerMessage(8001, LogLevel.Warning, "What became of delivery {Delivery} could not be written, so it may be sent again under the same id: {Why}")]
    public static partial void ResultNotWritten(this ILogger log, string delivery, string why);

    [LoggerMessage(8002, LogLevel.Warning, "Deliveries cannot be read from the control store; they wait: {Why}")]
    public static partial void QueueUnreadable(this ILogger log, string why);
}
