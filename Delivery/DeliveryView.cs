namespace Weir.Delivery;

/// <summary>Where a delivery stands. The names are stored and promised.</summary>
public static class DeliveryStates
{
    /// <summary>To be sent, for the first time or again.</summary>
    public const string Waiting = "waiting";

    /// <summary>The receiver took it.</summary>
    public const string Delivered = "delivered";

    /// <summary>Given up: out of attempts, or no attempt can help. It can be replayed.</summary>
    public const string Dead = "dead";
}

/// <summary>A delivery that is to be attempted now, held until its lease runs out.</summary>
/// <param name="Id">Its id.</param>
/// <param name="To">Where to.</param>
/// <param name="Message">What.</param>
/// <param name="Attempts">Attempts since it was made or replayed, this one included.</param>
/// <param name="LeaseMs">The lease, which <see cref="SqlDeliveries.FinishAsync"/> wants back.</param>
public sealed record LeasedDelivery(string Id, Destination To, Message Message, int Attempts, long LeaseMs);

/// <summary>A delivery as people look at it.</summary>
/// <param name="Id">Its id, which a webhook's receiver sees as <c>webhook-id</c>.</param>
/// <param name="Destination">The destination's id.</param>
/// <param name="Kind">How it travels.</param>
/// <param name="Type">What happened.</param>
/// <param name="Title">One line for people.</param>
/// <param name="State">One of <see cref="DeliveryStates"/>.</param>
/// <param name="Due">When it is tried next; null when it is not.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Finished">When it was delivered or given up.</param>
/// <param name="Attempts">Every attempt, oldest first.</param>
public sealed record DeliveryView(
    string Id, string Destination, string Kind, string Type, string Title, string State, DateTimeOffset? Due, DateTimeOffset Created,
    DateTimeOffset? Finished, IReadOnlyList<DeliveryAttempt> Attempts);

/// <summary>One attempt.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Status">HTTP status or SMTP code; 0 without an answer.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="Error">Why it failed; empty when it did not.</param>
public sealed record DeliveryAttempt(DateTimeOffset At, int Status, long DurationMs, string Error);

/// <summary>What waits.</summary>
/// <param name="Waiting">Deliveries that wait for an attempt.</param>
/// <param name="Dead">Deliveries given up and still kept.</param>
public readonly record struct DeliveryDepth(long Waiting, long Dead);
