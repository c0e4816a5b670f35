using Weir.Detection;
using Weir.Ingest.Schema;

namespace Weir.Ingest.ClickHouse;

/// <summary>Where ClickHouse answers: an operator's server, the embedded one, or a cluster; the rest of the code sees no difference.</summary>
/// <param name="Url">HTTP interface, such as <c>http://127.0.0.1:8123</c>; of a cluster, any of its servers.</param>
/// <param name="User">User name.</param>
/// <param name="Password">Password; never logged.</param>
/// <param name="Database">Database that holds Weir's tables; made by the schema's first migration.</param>
public sealed record ClickHouseEndpoint(Uri Url, string User = "default", string Password = "", string Database = "weir")
{
    /// <summary>More servers that hold the same: one that does not answer is passed over, and asked again later.</summary>
    public IReadOnlyList<Uri> Others { get; init; } = [];

    /// <summary>The parts of a cluster, in the order of its servers' settings; empty for a single server.</summary>
    public IReadOnlyList<ClickHouseEndpoint> Shards { get; init; } = [];

    /// <summary>Whether hits are spread over shards by their site. Its schema is made by whoever runs it (<see cref="ClusterSchema"/>).</summary>
    public bool IsCluster => Shards.Count > 0;

    /// <summary>A cluster's endpoint.</summary>
    /// <param name="shards">The servers of each shard, at least one each.</param>
    /// <param name="user">User name, the same on every server.</param>
    /// <param name="password">Password; never logged.</param>
    /// <param name="database">Database that is read; the shards' own tables stand beside it.</param>
    public static ClickHouseEndpoint OfCluster(IReadOnlyList<IReadOnlyList<Uri>> shards, string user, string password, string database)
    {
        ArgumentNullException.ThrowIfNull(shards);
        var all = shards.SelectMany(s => s).ToList();
        return new ClickHouseEndpoint(all[0], user, password, database)
        {
            Others = [.. all.Skip(1)],
            Shards = [.. shards.Select(s => new ClickHouseEndpoint(s[0], user, password, ClusterShape.ShardDatabaseOf(database)) { Others = [.. s.Skip(1)] })],
        };
    }

    /// <summary>Where a site's hits are written: its shard, or the only server.</summary>
    public ClickHouseEndpoint OfSite(SiteId site) => IsCluster ? Shards[ShardOf.Site(site, Shards.Count)] : this;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Url}{(Others.Count > 0 ? $" and {Others.Count} more" : "")} (user {User}, database {Database}{(IsCluster ? $", {Shards.Count} shards" : "")})";
}
