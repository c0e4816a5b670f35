using System.Text.Json;
using Weir.Reporting;

namespace Weir.Accuracy.Rows;

/// <summary>The corpus that anybody may use: rows of permissively licensed npm packages, at the versions that the lock file fixes.</summary>
internal static class PackageRows
{
    public static Corpus Read(NodeScripts scripts)
    {
        List<RowSource> sources = [];
        List<Row> rows = [];
        foreach (string line in scripts.Run("rows.mjs", "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            string source = root.GetProperty("source").GetString()!;
            if (root.TryGetProperty("given", out var given))
            {
                sources.Add(new RowSource(source, root.GetProperty("version").GetString()!, root.GetProperty("licence").GetString()!,
                    root.GetProperty("what").GetString()!, given.GetInt32()));
                continue;
            }
            rows.Add(new Row
            {
                UserAgent = root.GetProperty("ua").GetString()!,
                IsBot = root.GetProperty("isBot").GetBoolean(),
                Source = source,
                Kind = root.GetProperty("kind").GetString()!,
                IsAi = root.TryGetProperty("isAi", out var isAi) ? isAi.GetBoolean() : null,
            });
        }
        return new Corpus("Open packages", "packages", Limits, sources, rows);
    }

    private static readonly string[] Limits =
    [
        "The bots are crawler-user-agents' own examples, so its list finds all of them by construction; Weir's catalog took names from that "
        + "list too. Bots that no token of Weir's catalog names are therefore scored apart.",
        "The browsers are of this year and mostly phones, iPhones and Macs: no televisions, consoles, old or rare browsers. A "
        + "false-positive rate of 0 here says little about those.",
        "Both lists of browsers are samples of clients, and may hold programs in a browser's clothes.",
    ];
}
