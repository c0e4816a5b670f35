using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Reporting;

namespace Weir.Ladder;

/// <summary>Puts the arms side by side.</summary>
internal static class LadderReport
{
    /// <summary>Writes the report; one of some arms alone is not for committing.</summary>
    public static void Write(Options options, IReadOnlyList<Measurement> arms)
    {
        var facts = RunFacts.Of(options.Command,
        [
            ("YARP", typeof(Yarp.ReverseProxy.Forwarder.IHttpForwarder).Assembly.GetName().Version!.ToString(3)),
            ("nginx", Version("nginx", "-v")), ("HAProxy", Version("haproxy", "-v")), ("wrk", Version("dpkg-query", "-W", "-f=${Version}", "wrk")),
        ]);
        var text = new StringBuilder("# The ladder: what each step of a request costs\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
            .Append(facts.Markdown)
            .Append($"\n{options.Rounds} rounds of {options.Seconds} s an arm, each round in another order; {options.ProcessesOfRung} processes of each rung take turns. 64 kept connections of HTTP/1.1, 1 KB answers, ")
            .Append("1,000 user agents (a fifth crawlers), 10,000 client addresses by X-Forwarded-For. Load and origin on the first core, the proxy on the second. ")
            .Append("Median (lowest–highest) of the rounds; ratios within a round, with the 95 % interval of their median.\n\n");
        var json = new JsonObject { ["run"] = facts.Json() };
        AddCosts(text, arms);
        AddLatency(text, arms);
        AddConnections(text, arms);
        AddVerdicts(text, arms);
        json["arms"] = new JsonArray([.. arms.Select(Json)]);
        ReportFiles.Write("ladder", options.IsQuick || options.Only.Count > 0, text.ToString(), json);
    }

    private static void AddCosts(StringBuilder text, IReadOnlyList<Measurement> arms)
    {
        var table = new MarkdownTable("arm", "CPU µs a request", "× yarp", "requests/s", "× yarp", "errors");
        foreach (var arm in arms)
        {
            var good = arm.Samples.Where(s => !s.IsAbsurd).ToList();
            table.Add(arm.Name, Spread(good.Select(s => s.CpuMicroseconds), "0.0"), Ratio(arms, arm, "yarp", s => s.CpuMicroseconds),
                Spread(good.Select(s => s.Rate), "#,0"), Ratio(arms, arm, "yarp", s => s.Rate), arm.Samples.Sum(s => s.Errors).ToString(CultureInfo.InvariantCulture));
        }
        text.Append("## Processor time\n\n").Append(table)
            .Append("`yarp` one route for all; `site` Weir's forwarding with client address and site; `detect`, `record`, `all` each add to the one before; ")
            .Append("`all-10k-sites` the same with 10,000 sites; `weir-up` the program as users start it, ClickHouse's process left out; `nginx-job`, `haproxy-job` ")
            .Append("200 names, 10,000 prefixes, a rate for each client and a line of JSON. `direct` is the origin without a proxy.\n\n");
        if (Find(arms, "direct") is { } direct && arms.Where(a => a != direct).Max(a => Statistics.Median(a.Samples.Select(s => s.Rate))) * 2 > Statistics.Median(direct.Samples.Select(s => s.Rate)))
            text.Append("The origin alone is less than twice as fast as the fastest proxy, so that requests/s flatter the slower ones: read the processor time.\n\n");
    }

    private static void AddLatency(StringBuilder text, IReadOnlyList<Measurement> arms)
    {
        if (arms.All(a => a.Latencies.Count == 0))
            return;
        var table = new MarkdownTable("arm", "requests/s", "p50 µs", "p99 µs", "p99 added to direct µs");
        double direct = Find(arms, "direct") is { } floor ? P(floor, 0.99) : 0;
        foreach (var arm in arms.Where(a => a.Latencies.Count > 0))
        {
            table.Add(arm.Name, (Statistics.Median(arm.Samples.Select(s => s.Rate)) / 2).ToString("#,0", CultureInfo.InvariantCulture),
                P(arm, 0.5).ToString("#,0", CultureInfo.InvariantCulture), P(arm, 0.99).ToString("#,0", CultureInfo.InvariantCulture),
                (P(arm, 0.99) - direct).ToString("#,0", CultureInfo.InvariantCulture));
        }
        text.Append("## Latency at half of each one's own maximum\n\nOpen loop: a request's time counts from when it was due.\n\n").Append(table);
    }

    private static void AddConnections(StringBuilder text, IReadOnlyList<Measurement> arms)
    {
        if (arms.All(a => a.IdleConnectionBytes is null))
            return;
        var table = new MarkdownTable("arm", "bytes a kept connection");
        foreach (var arm in arms.Where(a => a.IdleConnectionBytes is not null))
            table.Add(arm.Name, arm.IdleConnectionBytes!.Value.ToString("#,0", CultureInfo.InvariantCulture));
        text.Append($"## Memory of {Load.IdleConnections.Count:N0} idle keep-alive connections\n\n").Append(table);
    }

    private static void AddVerdicts(StringBuilder text, IReadOnlyList<Measurement> arms)
    {
        var table = new MarkdownTable("what is asked", "must", "measured");
        Add("everything on, CPU ÷ plain YARP", "≤ 1.05", "all", "yarp", s => s.CpuMicroseconds);
        Add("site, detection, record, CPU ÷ plain YARP", "≤ 1.05", "record", "yarp", s => s.CpuMicroseconds);
        Add("CPU ÷ HAProxy doing the same job", "≤ 1.0, by a path of our own to the origin", "all", "haproxy-job", s => s.CpuMicroseconds);
        Add("CPU ÷ nginx doing the same job", "≤ 1.35, by a path of our own to the origin", "all", "nginx-job", s => s.CpuMicroseconds);
        Add("10,000 sites ÷ one, requests/s", "≥ 0.95", "all-10k-sites", "all", s => s.Rate);
        if (Find(arms, "all")?.IdleConnectionBytes is { } bytes)
            table.Add("memory of an idle connection", "≤ 12 KB", $"{bytes / 1024:0.0} KB");
        text.Append("## Against what is asked\n\n").Append(table)
            .Append("The isolated cost of the edge's own steps is measured by `bench/run micro`; the machine is shared and virtual, and two processes of the same program differ by a fifth.\n");

        void Add(string what, string must, string arm, string peer, Func<Sample, double> figure)
        {
            if (Find(arms, arm) is { } ours && Find(arms, peer) is not null)
                table.Add(what, must, Ratio(arms, ours, peer, figure));
        }
    }

    private static double P(Measurement arm, double share) => Statistics.Median(arm.Latencies.Select(l => Statistics.Percentile(l, share)));

    private static Measurement? Find(IReadOnlyList<Measurement> arms, string name) => arms.FirstOrDefault(a => a.Name == name);

    private static string Ratio(IReadOnlyList<Measurement> arms, Measurement arm, string peer, Func<Sample, double> figure)
    {
        if (Find(arms, peer) is not { } other || other == arm)
            return "";
        double[] ratios = [.. arm.Samples.Zip(other.Samples).Where(p => !p.First.IsAbsurd && !p.Second.IsAbsurd).Select(p => figure(p.First) / figure(p.Second))];
        if (ratios.Length == 0)
            return "";
        var (low, high) = Statistics.Interval(ratios);
        return string.Create(CultureInfo.InvariantCulture, $"{Statistics.Median(ratios):0.00} ({low:0.00}–{high:0.00})");
    }

    private static string Spread(IEnumerable<double> values, string format)
    {
        double[] all = [.. values];
        return all.Length == 0 ? "" : $"{Text(Statistics.Median(all))} ({Text(all.Min())}–{Text(all.Max())})";

        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static JsonObject Json(Measurement arm) => new()
    {
        ["name"] = arm.Name,
        ["rounds"] = new JsonArray([.. arm.Samples.Select(s => (JsonNode)new JsonObject
        {
            ["cpuMicroseconds"] = Math.Round(s.CpuMicroseconds, 2),
            ["requestsPerSecond"] = Math.Round(s.Rate),
            ["errors"] = s.Errors,
        })]),
        ["latencyMicroseconds"] = new JsonArray([.. arm.Latencies.Select(l => (JsonNode)new JsonObject
        {
            ["p50"] = Math.Round(Statistics.Percentile(l, 0.5)),
            ["p99"] = Math.Round(Statistics.Percentile(l, 0.99)),
        })]),
        ["idleConnectionBytes"] = arm.IdleConnectionBytes is { } bytes ? Math.Round(bytes) : null,
    };

    private static string Version(string program, params string[] arguments) =>
        Tool.Run(program, arguments).Split('\n')[0].Replace("nginx version: nginx/", "", StringComparison.Ordinal)
            .Replace("HAProxy version ", "", StringComparison.Ordinal).Split(' ')[0].Trim();
}
