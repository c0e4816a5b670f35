using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Micro.Operations;
using Weir.Reporting;

namespace Weir.Micro;

/// <summary>Puts all rounds side by side: median, lowest and highest, and the ratio to Weir within each round.</summary>
internal static class MicroReport
{
    public static void Write(bool isQuick, IReadOnlyList<Round> rounds, IReadOnlyList<PeerTimes> peers)
    {
        var facts = RunFacts.Of("bench/run micro" + (isQuick ? " --quick" : ""),
            [("Weir's catalog", SharedCatalog.Value.Version), ("BenchmarkDotNet", typeof(BenchmarkDotNet.Attributes.BenchmarkAttribute).Assembly.GetName().Version!.ToString(3)), ("Node", peers[0].NodeVersion)]);
        var texts = new UserAgentTexts(1024, botShare: 0.2);
        var text = new StringBuilder("# Micro benchmarks\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
            .Append(facts.Markdown)
            .Append($"\n{rounds.Count} rounds, each in a process of its own with every operation once; a round's figure is its fastest short iteration, which nobody ")
            .Append("interrupted. Median (lowest–highest) of the rounds, nanoseconds for one operation on one thread. × Weir is the median of the ratios within the rounds; trust those more than nanoseconds. ")
            .Append($"User agents: 1,024 made-up ones of {texts.MeanLength:0} characters on average, a fifth of them bots; ")
            .Append($"{SharedCatalog.Value.Crawlers.Sum(c => c.Tokens.Count):N0} tokens.\n");
        var json = new JsonObject { ["run"] = facts.Json() };
        json["memoryLatency"] = AddMemory(text, rounds);
        json["operations"] = AddOperations(text, rounds);
        json["nodePeers"] = AddPeers(text, rounds, peers);
        text.Append("\nLimits: hot loops flatter. In a request each lookup comes once, with its memory cold: one miss costs the last line of the ")
            .Append("first table. The machine is shared and virtual; differences of a tenth are noise.\n");
        ReportFiles.Write("micro", isQuick, text.ToString(), json);
    }

    private static JsonArray AddMemory(StringBuilder text, IReadOnlyList<Round> rounds)
    {
        var table = new MarkdownTable("memory", "ns a random step");
        var json = new JsonArray();
        foreach (int size in MemoryLatency.Sizes)
        {
            double[] ns = [.. rounds.Select(r => r.MemoryLatency[size])];
            table.Add(size < 1 << 20 ? $"{size >> 10} KiB" : $"{size >> 20} MiB", Text(ns));
            json.Add(new JsonObject { ["bytes"] = size, ["ns"] = Json(ns) });
        }
        text.Append("\n## This machine's memory\n\n").Append(table);
        return json;
    }

    private static JsonArray AddOperations(StringBuilder text, IReadOnlyList<Round> rounds)
    {
        var json = new JsonArray();
        text.Append("## Operations\n\n");
        var table = new MarkdownTable("operation", "ns", "must (aim)", "× Weir", "bytes");
        foreach (var group in AllOperations.List().GroupBy(o => o.Group))
        {
            var ours = group.First();
            foreach (var operation in group)
            {
                double[] ns = [.. rounds.Select(r => r.Nanoseconds[operation.Name])];
                double[] ratios = [.. rounds.Select(r => r.Nanoseconds[operation.Name] / r.Nanoseconds[ours.Name])];
                double bytes = rounds.Max(r => r.Bytes[operation.Name]);
                table.Add(operation == ours ? $"**{group.Key}** (`{operation.Name}`)" : operation.IsOurs ? $"**`{operation.Name}`**" : $"`{operation.Name}`", Text(ns),
                    operation.Asked.Must == 0 ? "" : $"{operation.Asked.Must:N0} ({operation.Asked.Aim:N0})", operation == ours ? "1" : Text(ratios), bytes.ToString("0.##", CultureInfo.InvariantCulture));
                json.Add(new JsonObject
                {
                    ["name"] = operation.Name,
                    ["group"] = group.Key,
                    ["isOurs"] = operation.IsOurs,
                    ["ns"] = Json(ns),
                    ["must"] = operation.Asked.Must,
                    ["aim"] = operation.Asked.Aim,
                    ["ratio"] = Json(ratios),
                    ["bytes"] = Math.Round(bytes, 2),
                });
            }
        }
        text.Append(table);
        return json;
    }

    private static JsonArray AddPeers(StringBuilder text, IReadOnlyList<Round> rounds, IReadOnlyList<PeerTimes> peers)
    {
        var json = new JsonArray();
        var table = new MarkdownTable("detector, one user agent", "ns", "× Weir reading it anew", "× Weir knowing it");
        foreach (string peer in peers[0].Nanoseconds.Keys)
        {
            double[] ns = [.. peers.Select(p => p.Nanoseconds[peer])];
            double[] toNew = [.. ns.Zip(rounds, (n, r) => n / r.Nanoseconds["tokens"])];
            double[] toKnown = [.. ns.Zip(rounds, (n, r) => n / r.Nanoseconds["cache-hit"])];
            table.Add(peer, Text(ns), Text(toNew), Text(toKnown));
            json.Add(new JsonObject { ["name"] = peer, ["ns"] = Json(ns), ["ratioToNew"] = Json(toNew), ["ratioToKnown"] = Json(toKnown) });
        }
        text.Append("## Node's detectors on the same user agents\n\n").Append(table)
            .Append("They run on another virtual machine, so this compares what a site would pay, not algorithms.\n");
        return json;
    }

    private static string Text(double[] values) => $"{Short(Median(values))} ({Short(values.Min())}–{Short(values.Max())})";

    private static string Short(double value) =>
        value.ToString(value >= 100 ? "#,0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static JsonObject Json(double[] values) => new()
    {
        ["median"] = Math.Round(Median(values), 3),
        ["rounds"] = new JsonArray([.. values.Select(v => (JsonNode)Math.Round(v, 3))]),
    };
}
