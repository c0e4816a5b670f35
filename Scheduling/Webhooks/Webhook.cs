namespace Weir.Scheduling.Webhooks;

/// <summary>Whom a tenant wants told of what happens to its targets.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Events">Of what; see <see cref="WebhookEvents"/>.</param>
/// <param name="IsEnabled">Whether it is told. What happens while it is not is not told later; <c>/v1/triggers</c> has it.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Changed">When it was last written.</param>
public sealed record Webhook(
    string Id, string Tenant, string Name, IReadOnlyList<string> Events, bool IsEnabled, DateTimeOffset Created, DateTimeOffset Changed)
{
    /// <summary>Most webhooks of a tenant.</summary>
    public const int TenantMax = 20;

    /// <summary>Longest name.</summary>
    public const int NameMax = 100;

    /// <summary>Whose its destination and deliveries are.</summary>
    public string Owner => $"webhook/{Id}";
}

/// <summary>What webhooks tell. The names are stored and promised; the SQL that fills the outbox has them too.</summary>
public static class WebhookEvents
{
    /// <summary>Triggers were recorded.</summary>
    public const string TriggerCreated = "trigger.created";

    /// <summary>Scans found something.</summary>
    public const string ScanCompleted = "scan.completed";

    /// <summary>Scans were given up.</summary>
    public const string ScanDead = "scan.dead";

    /// <summary>Targets are cited that were not, or the other way round.</summary>
    public const string TargetChanged = "target.changed";

    /// <summary>Every event that can be asked for.</summary>
    public static IReadOnlyList<string> All { get; } = [TriggerCreated, ScanCompleted, ScanDead, TargetChanged];

    /// <summary>A message that somebody asked for to see whether it arrives.</summary>
    public const string Test = "webhook.test";
}
