using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Weir.Reporting;

namespace Weir.Import;

/// <summary>One run of <c>./weir import</c> as a user types it, and what it and its ClickHouse took.</summary>
/// <param name="Summary">What it said; null when it was killed.</param>
/// <param name="Seconds">From start to end, the program's and its ClickHouse's start included.</param>
/// <param name="CpuSeconds">Processor time of both processes, start included.</param>
/// <param name="ImporterBytes">Most memory that the importing process had in use at once.</param>
/// <param name="ServerBytes">The same of its ClickHouse.</param>
internal sealed record ImportRun(JsonObject? Summary, double Seconds, double CpuSeconds, long ImporterBytes, long ServerBytes)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>Lines that were read, by what it said.</summary>
    public long Lines => (long)Summary!["lines"]!;

    /// <summary>Hits that it stored.</summary>
    public long Stored => (long)Summary!["stored"]!;

    /// <summary>Lines a second by its own clock, which begins once its ClickHouse answers.</summary>
    public double LinesASecond => Lines / (double)Summary!["seconds"]!;

    /// <summary>Runs it.</summary>
    /// <param name="log">The file.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="killWhen">Asked often; true kills it, as the kernel would for want of memory.</param>
    public static ImportRun Of(string log, string data, Func<bool>? killWhen = null)
    {
        long began = TimeProvider.System.GetTimestamp();
        using var weir = Process.Start(new ProcessStartInfo(Path.GetFullPath("weir"), ["import", log, "--site", "bench", "--data", data, "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        }) ?? throw new BenchException("./weir could not be started.");
        var output = Task.Run(weir.StandardOutput.ReadToEnd);
        var errors = Task.Run(weir.StandardError.ReadToEnd);
        long importer = 0, server = 0;
        Dictionary<int, double> cpu = [];
        while (!weir.WaitForExit(LookEvery))
        {
            importer = Math.Max(importer, PeakBytes(weir.Id));
            foreach (int child in Children(weir.Id))
                server = Math.Max(server, PeakBytes(child));
            foreach (int process in Children(weir.Id).Prepend(weir.Id))
                cpu[process] = CpuSecondsOf(TryRead($"/proc/{process}/stat")) ?? cpu.GetValueOrDefault(process);
            if (killWhen?.Invoke() == true)
                weir.Kill();
        }
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        if (weir.ExitCode != 0 && killWhen is null)
            throw new BenchException($"./weir import failed: {errors.GetAwaiter().GetResult()}");
        string text = output.GetAwaiter().GetResult();
        return new ImportRun(weir.ExitCode == 0 ? JsonNode.Parse(text[text.IndexOf('{')..])!.AsObject() : null, seconds, cpu.Values.Sum(), importer, server);
    }

    private static IEnumerable<int> Children(int process)
    {
        string file = $"/proc/{process}/task/{process}/children";
        return TryRead(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture))
            .Concat(Directory.Exists($"/proc/{process}/task") ? Directory.GetDirectories($"/proc/{process}/task")
                .SelectMany(t => TryRead(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(c => int.Parse(c, CultureInfo.InvariantCulture)) : [])
            .Distinct();
    }

    private static long PeakBytes(int process)
    {
        string line = TryRead($"/proc/{process}/status").Split('\n').FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) ?? "VmHWM: 0 kB";
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    // The name stands in parentheses and may hold anything; utime and stime are the 12th and 13th fields behind it, in hundredths.
    private static double? CpuSecondsOf(string stat) => stat.Length == 0 ? null : stat[(stat.LastIndexOf(')') + 2)..].Split(' ') is var fields
        ? (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0 : null;

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
