using System.Data.Common;
using Dapper;
using Weir.Control;

namespace Weir.Scheduling.Targets;

/// <summary>Follows what happens to targets, so that a program that keeps half a million of them in memory reads those that changed and no other.</summary>
internal static class TargetChanges
{
    // Some megabytes; whoever was away for more changes reads all targets, which costs as much.
    private const int KeptMax = 100_000;

    /// <summary>Notes that other pages bear on some targets. The caller holds the turn of writers.</summary>
    public static Task LinkedAsync(DbTransaction transaction, SqlDialect dialect, string tenant, IEnumerable<long> targets) => transaction.Connection!.ExecuteAsync(
        $"INSERT INTO target_changes (tenant, kind, subject) SELECT @tenant, 'linked', CAST(value AS bigint) FROM {dialect.Values("@ids")}",
        new { tenant, ids = JsonLists.Of(targets.Order()) }, transaction);

    /// <summary>Notes that a topic has other pages. The caller holds the turn of writers.</summary>
    public static Task TopicAsync(DbTransaction transaction, string tenant, long topic) => NoteAsync(transaction, tenant, "topic", topic);

    /// <summary>Notes that a topic is gone. The caller holds the turn of writers.</summary>
    public static Task UnlinkedAsync(DbTransaction transaction, string tenant, long topic) => NoteAsync(transaction, tenant, "unlinked", topic);

    /// <summary>Where the targets stand, for who reads them all now.</summary>
    public static async Task<TargetPlace> PlaceAsync(DbConnection connection, DbTransaction snapshot)
    {
        var versions = (await connection.QueryAsync<(string Name, long Version)>(
            "SELECT name AS Name, version AS Version FROM versions WHERE name IN ('targets', 'target_changes')", transaction: snapshot)).ToDictionary(v => v.Name, v => v.Version);
        long forgotten = versions["target_changes"], last = await connection.QuerySingleAsync<long>("SELECT coalesce(max(id), 0) FROM target_changes", transaction: snapshot);
        long target = await connection.QuerySingleAsync<long>("SELECT coalesce(max(id), 0) FROM targets", transaction: snapshot);
        return new TargetPlace(versions["targets"], target, Math.Max(last, forgotten), forgotten);
    }

    /// <summary>What happened behind a place, in order.</summary>
    public static async Task<List<TargetChangeRow>> ReadAsync(DbConnection connection, DbTransaction snapshot, TargetPlace after) => (await connection.QueryAsync<TargetChangeRow>(
        "SELECT tenant AS Tenant, kind AS Kind, subject AS Subject FROM target_changes WHERE id > @Change ORDER BY id", new { after.Change }, snapshot)).AsList();

    /// <summary>Forgets the oldest changes.</summary>
    public static Task<int> ForgetAsync(DbTransaction transaction) => transaction.Connection!.ExecuteAsync(
        """
        UPDATE versions SET version = (SELECT max(id) FROM target_changes) - @KeptMax
        WHERE name = 'target_changes' AND version < (SELECT max(id) FROM target_changes) - @KeptMax;
        DELETE FROM target_changes WHERE id <= (SELECT version FROM versions WHERE name = 'target_changes')
        """,
        new { KeptMax }, transaction);

    private static Task<int> NoteAsync(DbTransaction transaction, string tenant, string kind, long subject) => transaction.Connection!.ExecuteAsync(
        "INSERT INTO target_changes (tenant, kind, subject) VALUES (@tenant, @kind, @subject)", new { tenant, kind, subject }, transaction);
}

/// <summary>How far a reader of targets has come.</summary>
/// <param name="Version">Of the targets.</param>
/// <param name="Target">The last target.</param>
/// <param name="Change">The last change.</param>
/// <param name="Forgotten">Changes up to this are not kept: who has not come so far must read all targets.</param>
internal readonly record struct TargetPlace(long Version, long Target, long Change, long Forgotten);

/// <summary>What happened to a target.</summary>
internal sealed record TargetChangeRow
{
    public string Tenant { get; init; } = "";
    public string Kind { get; init; } = "";
    public long Subject { get; init; }
}
