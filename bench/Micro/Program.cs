using System.Diagnostics;
using Weir.Micro;
using Weir.Reporting;

// bench/run starts this in the repository's root; it starts itself again for every round.
const string Help = "bench/run micro [--quick]";
try
{
    bool isQuick = args.Contains("--quick");
    int roundFile = Array.IndexOf(args, "--round") + 1;
    if (args.Where((arg, i) => arg is not ("--quick" or "--round") && (roundFile == 0 || i != roundFile)).FirstOrDefault() is { } unknown)
        throw new BenchException($"'{unknown}' is not understood. {Help}");
    if (roundFile > 0)
    {
        Round.Measure(isQuick).Write(args[roundFile]);
        return 0;
    }
    List<Round> rounds = [];
    List<PeerTimes> peers = [];
    int count = isQuick ? 3 : 5;
    for (int i = 1; i <= count; i++)
    {
        Console.WriteLine($"round {i} of {count}");
        rounds.Add(RunRound(isQuick));
        peers.Add(PeerTimes.Measure(isQuick));
    }
    MicroReport.Write(isQuick, rounds, peers);
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run micro: {error.Message}");
    return 1;
}

static Round RunRound(bool isQuick)
{
    string file = Path.Combine(ReportFiles.OutFolder, "micro-round.json");
    string[] arguments = [Environment.GetCommandLineArgs()[0], "--round", file, .. isQuick ? new[] { "--quick" } : []];
    using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false })!;
    process.WaitForExit();
    if (process.ExitCode != 0)
        throw new BenchException("a round failed (its message is above).");
    return Round.Read(file);
}
