using System.Globalization;
using Weir.Reporting;

namespace Weir.Ladder.Load;

/// <summary>What one load did.</summary>
/// <param name="Requests">Answers that came.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="Errors">Connections and requests that failed, answers of 400 and above included.</param>
internal readonly record struct LoadResult(long Requests, double Seconds, long Errors)
{
    /// <summary>Requests a second.</summary>
    public double Rate => Requests / Seconds;
}

/// <summary>As many requests as 64 connections can carry, by wrk: each sends its next request when the last one is answered.</summary>
internal static class ClosedLoad
{
    /// <summary>Connections that are kept.</summary>
    public const int Connections = 64;

    /// <summary>Sends for a while.</summary>
    /// <exception cref="BenchException">wrk failed.</exception>
    public static LoadResult Run(int port, string requestFile, int seconds)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Load", "requests.lua");
        string output = Tool.Run("taskset", "-c", "0", "wrk", "-t1", $"-c{Connections}", $"-d{seconds}s", "-s", script, $"http://127.0.0.1:{port}/", requestFile);
        string line = output.Split('\n').FirstOrDefault(l => l.StartsWith("RESULT ", StringComparison.Ordinal))
            ?? throw new BenchException($"wrk gave no result: {output}");
        double[] figures = [.. line.Split(' ').Skip(1).Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
        return new LoadResult((long)figures[0], figures[1] / 1e6, (long)figures[2]);
    }
}
