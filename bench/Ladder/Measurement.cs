using Weir.Ladder.Arms;
using Weir.Ladder.Load;

namespace Weir.Ladder;

/// <summary>One arm in one round.</summary>
/// <param name="CpuMicroseconds">Processor time of one request.</param>
/// <param name="Rate">Requests a second.</param>
/// <param name="Errors">Requests that failed.</param>
internal readonly record struct Sample(double CpuMicroseconds, double Rate, long Errors)
{
    /// <summary>Whether the clock of the machine made nonsense of it; such a round is shown and left out.</summary>
    public bool IsAbsurd => CpuMicroseconds <= 0 || Rate <= 0;
}

/// <summary>An arm's processes and what was measured of them.</summary>
/// <param name="name">The arm's name, with what it serves when that is unusual.</param>
/// <param name="processes">One or more of the same.</param>
/// <param name="requestFile">What its clients send.</param>
internal sealed class Measurement(string name, IReadOnlyList<Arm> processes, string requestFile)
{
    /// <summary>The arm's name.</summary>
    public string Name { get; } = name;

    /// <summary>Its processes.</summary>
    public IReadOnlyList<Arm> Processes { get; } = processes;

    /// <summary>A sample a round; the rounds of all arms go together.</summary>
    public List<Sample> Samples { get; } = [];

    /// <summary>Microseconds of requests at half of what the arm can do, sorted, a list a round.</summary>
    public List<double[]> Latencies { get; } = [];

    /// <summary>Bytes of a kept connection; null when not measured.</summary>
    public double? IdleConnectionBytes { get; private set; }

    /// <summary>Lets the runtime see the code often enough.</summary>
    public void WarmUp(int seconds)
    {
        foreach (var arm in Processes.Where(a => a.NeedsWarmUp))
            ClosedLoad.Run(arm.Port, requestFile, seconds);
    }

    /// <summary>Measures one round, with the process whose turn it is.</summary>
    public Sample Take(int round, int seconds)
    {
        var arm = Processes[round % Processes.Count];
        double before = ProcessTree.CpuSeconds(arm.Processes);
        var load = ClosedLoad.Run(arm.Port, requestFile, seconds);
        double cpu = ProcessTree.CpuSeconds(arm.Processes) - before;
        var sample = new Sample(cpu * 1e6 / load.Requests, load.Rate, load.Errors);
        Samples.Add(sample);
        return sample;
    }

    /// <summary>Measures one round of latency at half of its rate.</summary>
    public void TakeLatency(int round, int seconds) =>
        Latencies.Add(OpenLoad.Run(Processes[round % Processes.Count].Port, requestFile, Statistics.Median(Samples.Select(s => s.Rate)) / 2, seconds));

    /// <summary>Measures what a kept connection costs, in the last process.</summary>
    public void TakeIdleConnections()
    {
        var arm = Processes[^1];
        IdleConnectionBytes = IdleConnections.BytesOfOne(arm.Port, () => ProcessTree.MemoryBytes(arm.Processes));
    }
}
