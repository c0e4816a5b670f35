using System.Text.RegularExpressions;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests.Schema;

[Collection(StoreCollection.Name)]
public class ClusterSchemaTests(ClickHouseServer server)
{
    private static readonly ClusterShape Shape = new("crawls", Shards: 2, Replicas: 2);

    [Fact]
    public async Task Every_statement_of_a_plan_is_one_to_ClickHouse_s_own_parser()
    {
        using var store = new Store(server.NewDatabase() with { Database = "default" });
        var statements = ClusterSchema.Statements(Shape);

        Assert.True(statements.Count > Migration.All.Count, $"{statements.Count} statements");
        foreach (string statement in statements)
            Assert.NotEmpty(await store.TextAsync($"EXPLAIN AST {statement}"));
    }

    [Fact]
    public async Task The_check_by_the_parser_sees_a_statement_that_is_wrong()
    {
        using var store = new Store(server.NewDatabase() with { Database = "default" });

        await Assert.ThrowsAnyAsync<Exception>(() => store.TextAsync("EXPLAIN AST CREATE TABLE a ON CLUSTER (x UInt8) ENGINE = ReplicatedMergeTree ORDER BY x"));
    }

    [Fact]
    public void Every_table_of_hits_is_replicated_and_read_through_a_distributed_one()
    {
        string plan = string.Join(";\n", ClusterSchema.Statements(Shape));

        Assert.DoesNotMatch(new Regex(@"ENGINE = \w*MergeTree", RegexOptions.None), plan.Replace("ENGINE = Replicated", "", StringComparison.Ordinal));
        Assert.DoesNotContain("{db}", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("non_replicated", plan, StringComparison.Ordinal);
        foreach (string table in (string[])["hits", "hits_hourly", "crawler_fetches", "content_sightings", "robots_versions"])
        {
            Assert.Contains($"CREATE TABLE IF NOT EXISTS weir_shard.{table} ON CLUSTER 'crawls'", plan, StringComparison.Ordinal);
            Assert.Contains($"CREATE OR REPLACE TABLE weir.{table} ON CLUSTER 'crawls' AS weir_shard.{table} ENGINE = Distributed('crawls', 'weir_shard', '{table}', xxHash64(site))", plan, StringComparison.Ordinal);
        }
        Assert.Contains("ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')", plan, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_small_stands_whole_on_every_server()
    {
        string plan = string.Join(";\n", ClusterSchema.Statements(Shape));

        foreach (string table in (string[])["losses", "writers", "verifications", "schema_migrations"])
        {
            Assert.Contains($"CREATE TABLE IF NOT EXISTS weir.{table} ON CLUSTER 'crawls'", plan, StringComparison.Ordinal);
            Assert.DoesNotContain($"weir_shard.{table} ", plan, StringComparison.Ordinal);
        }
        Assert.Contains("ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/all', '{shard}-{replica}', reported_at)", plan, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_cluster_gets_only_what_it_lacks()
    {
        var statements = ClusterSchema.Statements(Shape, from: 8);

        Assert.DoesNotContain(statements, s => s.Contains("weir_shard.content_sightings", StringComparison.Ordinal));
        Assert.Contains(statements, s => s.StartsWith("ALTER TABLE weir_shard.hits ON CLUSTER 'crawls'", StringComparison.Ordinal) && s.Contains(" cache ", StringComparison.Ordinal));
        Assert.Contains(statements, s => s.StartsWith("CREATE OR REPLACE TABLE weir.hits ON CLUSTER", StringComparison.Ordinal));
        Assert.Contains(statements, s => s.Contains("'0009_cache'", StringComparison.Ordinal));
        Assert.DoesNotContain(statements, s => s.Contains("'0008_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CREATE TABLE IF NOT EXISTS {db}.colours\n(\n    name String\n)\nENGINE = MergeTree\nORDER BY name", "Table colours has no column site")]
    [InlineData("GRANT SELECT ON {db}.hits TO somebody", "whose form for a cluster is not known")]
    public void A_statement_whose_form_is_not_known_is_refused(string statement, string why) =>
        Assert.Contains(why, Assert.Throws<SchemaException>(() => ClusterSchema.Convert(statement, Shape)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("crawls'; DROP TABLE x", 1, 1, "weir")]
    [InlineData("crawls", 0, 1, "weir")]
    [InlineData("crawls", 1, 0, "weir")]
    [InlineData("crawls", 1, 1, "1weir")]
    [InlineData("crawls", 1, 1, "a_name_of_sixty_characters_is_too_long_with_its_shards_behind_it")]
    public void A_shape_that_cannot_be_is_refused(string name, int shards, int replicas, string database) =>
        Assert.Throws<ArgumentException>(() => ClusterSchema.Statements(new ClusterShape(name, shards, replicas, database)));

    [Fact]
    public async Task Sites_are_routed_by_the_function_that_the_distributed_tables_use()
    {
        using var store = new Store(server.NewDatabase() with { Database = "default" });
        foreach (string site in (string[])["example.com", "a", "shop", "site-0001", new('x', 128), "a.b_c-d.0123456789.example"])
        {
            for (int shards = 1; shards < 7; shards++)
            {
                // As ClickHouse chooses among shards of equal weight: https://clickhouse.com/docs/engines/table-engines/special/distributed
                long theirs = await store.NumberAsync($"SELECT {ClusterSchema.ShardingKey} % {shards} FROM (SELECT toLowCardinality('{site}') AS site)");
                Assert.Equal(theirs, ShardOf.Site(Detection.SiteId.Parse(site), shards));
            }
        }
    }
}
