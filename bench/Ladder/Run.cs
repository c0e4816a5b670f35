using Weir.Ladder.Arms;
using Weir.Ladder.Load;
using Weir.Ladder.Serving;

namespace Weir.Ladder;

/// <summary>One run of the ladder: starts every arm, measures them in turn, writes the report.</summary>
internal sealed class Run(Options options)
{
    private const int ManySites = 10_000;

    /// <summary>Everything that can be measured, in the report's order.</summary>
    public static IReadOnlyList<string> ArmNames { get; } =
        ["direct", "nginx", "nginx-job", "haproxy", "haproxy-job", "yarp", "site", "detect", "record", "all", "all-10k-sites", "weir-up"];

    /// <summary>Does it.</summary>
    public void Go()
    {
        string folder = Directory.CreateTempSubdirectory("weir-ladder").FullName;
        var origin = new OriginServer();
        List<Measurement> measurements = [];
        try
        {
            origin.Start(new ArmSetup(Path.Combine(folder, "origin"), 0));
            foreach (string name in ArmNames.Where(n => options.Only.Count == 0 || options.Only.Contains(n)))
                measurements.Add(Start(name, folder, origin));
            foreach (var arm in measurements)
                arm.WarmUp();
            Measure(measurements);
            LadderReport.Write(options, measurements);
        }
        finally
        {
            foreach (var arm in measurements.SelectMany(m => m.Processes))
                arm.Dispose();
            origin.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private Measurement Start(string name, string folder, OriginServer origin)
    {
        int sites = name == "all-10k-sites" ? ManySites : 1;
        string requests = Path.Combine(folder, $"requests-{sites}.tsv");
        if (!File.Exists(requests))
            RequestFile.Write(requests, sites);
        if (name == "direct")
            return new Measurement(name, [origin], requests);
        var arms = Enumerable.Range(0, IsRung(name) ? options.ProcessesOfRung : 1).Select(_ => Create(name)).ToList();
        for (int i = 0; i < arms.Count; i++)
            arms[i].Start(new ArmSetup(Path.Combine(folder, $"{name}-{i}"), origin.Port, sites));
        Console.WriteLine($"{name} answers");
        return new Measurement(name, arms, requests);
    }

    private static bool IsRung(string name) => name is not ("direct" or "nginx" or "nginx-job" or "haproxy" or "haproxy-job" or "weir-up");

    private static Arm Create(string name) => name switch
    {
        "nginx" => new Nginx(sameJob: false),
        "nginx-job" => new Nginx(sameJob: true),
        "haproxy" => new Haproxy(sameJob: false),
        "haproxy-job" => new Haproxy(sameJob: true),
        "weir-up" => new WeirUp(),
        _ => new Rung(Enum.Parse<Step>(name.Split('-')[0], ignoreCase: true)),
    };

    private void Measure(List<Measurement> measurements)
    {
        for (int round = 0; round < options.Rounds; round++)
        {
            // Each round in another order: what one arm leaves behind falls on another each time.
            foreach (var arm in measurements.Skip(round % measurements.Count).Concat(measurements.Take(round % measurements.Count)))
            {
                var sample = arm.Take(round, options.Seconds);
                Console.WriteLine($"round {round + 1} of {options.Rounds}  {arm.Name,-14} {sample.CpuMicroseconds,7:0.0} µs CPU {sample.Rate,9:N0} requests/s{(sample.Errors > 0 ? $"  {sample.Errors} ERRORS" : "")}");
            }
        }
        if (options.Only.Count > 0)
            return;
        for (int round = 0; round < 3; round++)
        {
            foreach (var arm in measurements)
                arm.TakeLatency(round, options.IsQuick ? 2 : 6);
        }
        foreach (var arm in measurements.Where(m => m.Name is "nginx" or "haproxy" or "yarp" or "all"))
            arm.TakeIdleConnections();
    }
}
