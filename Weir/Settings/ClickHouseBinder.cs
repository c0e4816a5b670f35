using Weir.Ingest.ClickHouse;

namespace Weir.Settings;

/// <summary>Reads which ClickHouse keeps the hits.</summary>
internal static class ClickHouseBinder
{
    private const int ShardsMax = 1000, ServersOfShardMax = 100, DatabaseChars = 64;

    /// <summary>Reads the section; null when it is not given or cannot be used.</summary>
    public static ClickHouseEndpoint? Bind(Section clickhouse, string folder)
    {
        string password = SettingsBinder.Password(clickhouse, folder);
        string user = clickhouse.Text("user")?.Value ?? "default";
        var shards = clickhouse.Objects("shards").ToList();
        string database = Database(clickhouse, isCluster: shards.Count > 0);
        if (clickhouse.Text("url") is { } url)
        {
            if (shards.Count > 0)
                url.Refuse("Both url and shards are given.", "Keep one: url for one server, shards for a cluster.");
            return Server(url) is { } server ? new ClickHouseEndpoint(server, user, password, database) : null;
        }
        if (shards.Count > 0)
            return Cluster(clickhouse, shards) is { } servers ? ClickHouseEndpoint.OfCluster(servers, user, password, database) : null;
        if (clickhouse.Node is { Members.Count: > 0 })
        {
            clickhouse.Errors.Add(clickhouse.At, clickhouse.PathOf("url"), "A ClickHouse server is described without its URL.",
                "Write \"url\": \"http://127.0.0.1:8123\", or leave clickhouse out to use the embedded server.");
        }
        return null;
    }

    private static List<IReadOnlyList<Uri>>? Cluster(Section clickhouse, List<Section> shards)
    {
        if (shards.Count > ShardsMax)
            clickhouse.Errors.Add(clickhouse.At, clickhouse.PathOf("shards"), $"{shards.Count} shards are too many.", $"Name up to {ShardsMax}.");
        bool areGood = shards.Count <= ShardsMax;
        HashSet<Uri> seen = [];
        List<IReadOnlyList<Uri>> servers = [];
        foreach (var shard in shards)
        {
            var given = shard.Texts("urls").ToList();
            if (given.Count is 0 or > ServersOfShardMax)
            {
                clickhouse.Errors.Add(shard.At, shard.PathOf("urls"), $"A shard has {given.Count} servers.", $"Write the URLs of its replicas, 1 to {ServersOfShardMax}: \"urls\": [\"http://127.0.0.1:8123\"].");
                areGood = false;
                continue;
            }
            List<Uri> ofShard = [];
            foreach (var text in given)
            {
                if (Server(text) is not { } server)
                    areGood = false;
                else if (seen.Add(server))
                    ofShard.Add(server);
                else
                    areGood = Twice(text);
            }
            servers.Add(ofShard);
        }
        return areGood ? servers : null;
    }

    private static bool Twice(Given text)
    {
        text.Refuse($"'{text.Value}' is named twice.", "A server holds one shard: name each once.");
        return false;
    }

    private static Uri? Server(Given url)
    {
        if (Uri.TryCreate(url.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
            return address;
        url.Refuse(address?.UserInfo.Length > 0 ? "A URL with a password in it ends up in logs." : $"'{url.Value}' is no http or https URL.",
            address?.UserInfo.Length > 0 ? "Write user and password (or passwordFile) beside it." : "Write one such as http://127.0.0.1:8123.");
        return null;
    }

    private static string Database(Section clickhouse, bool isCluster)
    {
        string database = clickhouse.Text("database")?.Value ?? "weir";
        int room = DatabaseChars - (isCluster ? "_shard".Length : 0);
        if (database.Length == 0 || database.Length > room || database.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_') || char.IsAsciiDigit(database[0]))
            clickhouse.Text("database")?.Refuse($"'{database}' is no database name.", "Use letters, digits and underscores, not starting with a digit.");
        return database;
    }
}
