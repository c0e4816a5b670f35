using System.Globalization;

namespace Weir.Ladder;

/// <summary>What a process and its children took, read from /proc.</summary>
internal static class ProcessTree
{
    // USER_HZ of every Linux.
    private const double TicksPerSecond = 100;

    /// <summary>The process and all that it started, itself first.</summary>
    public static IReadOnlyList<int> Of(int process)
    {
        List<int> all = [process];
        for (int i = 0; i < all.Count; i++)
        {
            foreach (string task in Tasks(all[i]))
            {
                string children = TryRead(Path.Combine(task, "children"));
                all.AddRange(children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(c => int.Parse(c, CultureInfo.InvariantCulture)));
            }
        }
        return all;
    }

    /// <summary>Processor seconds so far, in the program and in the kernel.</summary>
    public static double CpuSeconds(IEnumerable<int> processes) => processes.Sum(process => CpuSeconds(TryRead($"/proc/{process}/stat")));

    /// <summary>Processor seconds that the .NET runtimes among them have spent on compiling hot code again. Falls to 0 when a runtime's compiling
    /// thread has ended, which it does some seconds after its last work.</summary>
    public static double CompilingSeconds(IEnumerable<int> processes) => processes.SelectMany(Tasks)
        .Where(task => TryRead(Path.Combine(task, "comm")).StartsWith(".NET Tiered", StringComparison.Ordinal))
        .Sum(task => CpuSeconds(TryRead(Path.Combine(task, "stat"))));

    /// <summary>Bytes of memory that are these processes' share.</summary>
    public static long MemoryBytes(IEnumerable<int> processes) => processes.Sum(process =>
    {
        string line = TryRead($"/proc/{process}/smaps_rollup").Split('\n').FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal)) ?? "Pss: 0 kB";
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    });

    private static double CpuSeconds(string stat)
    {
        if (stat.Length == 0)
            return 0;
        // The name stands in parentheses and may hold anything; utime and stime are the 12th and 13th fields behind it.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private static string[] Tasks(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task");
        }
        catch (IOException)
        {
            return [];
        }
    }

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
