using Weir.Control;

namespace Weir.Scheduling;

/// <summary>The tables that scheduling keeps in the control store.</summary>
public static class SchedulingMigrations
{
    /// <summary>To be given when the store is opened.</summary>
    public static MigrationSet Set { get; } = new("scheduling", typeof(SchedulingMigrations).Assembly);
}
