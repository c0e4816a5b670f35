using Microsoft.Data.Sqlite;
using Npgsql;

namespace Weir.Control;

/// <summary>Tells a control store that is away, busy or closed to us from a mistake of ours.</summary>
public static class StoreOutage
{
    // SQLite's own numbers: busy, locked, input or output failed, full, cannot be opened.
    private static readonly int[] SqliteCodes = [5, 6, 10, 13, 14];

    // Classes of SQLSTATE: connection, refused login, no such database, transaction refused (a standby takes no writes), resources,
    // object in use, operator's intervention, system error.
    private static readonly string[] PostgresClasses = ["08", "28", "3D", "25", "53", "55", "57", "58"];

    /// <summary>Whether the store did not answer, or would not: the same may work later, once somebody looked after the store.</summary>
    public static bool Is(Exception e) => e switch
    {
        PostgresException said => Array.Exists(PostgresClasses, c => said.SqlState.StartsWith(c, StringComparison.Ordinal)),
        NpgsqlException => true,
        SqliteException said => Array.IndexOf(SqliteCodes, said.SqliteErrorCode) >= 0,
        _ => false,
    };

    /// <summary>The same for people, with what to do.</summary>
    public static ControlException Explain(IControlStore store, Exception e) =>
        new($"the control store {store} does not answer: {e.Message.TrimEnd('.')}. Start it, or mend control in the settings.", e);
}
