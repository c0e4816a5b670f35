using System.IO.Hashing;
using System.Text;
using Weir.Detection;

namespace Weir.Ingest.ClickHouse;

/// <summary>Which shard of a cluster holds a site: what the servers' distributed tables compute (<see cref="Schema.ClusterSchema.ShardingKey"/>),
/// for shards of equal weight.</summary>
public static class ShardOf
{
    /// <summary>The shard of a site, from 0.</summary>
    /// <param name="site">The site.</param>
    /// <param name="shards">Their number, at least 1.</param>
    public static int Site(SiteId site, int shards)
    {
        Span<byte> text = stackalloc byte[SiteId.MaxLength];
        return Text(text[..Encoding.ASCII.GetBytes(site.Value, text)], shards);
    }

    /// <summary>The shard of a site as its UTF-8 text.</summary>
    public static int Text(ReadOnlySpan<byte> site, int shards) => shards == 1 ? 0 : (int)(XxHash64.HashToUInt64(site) % (uint)shards);
}
