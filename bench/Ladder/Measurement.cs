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
    private const int WarmUpStepsMin = 5, WarmUpStepsMax = 15, WarmUpStepSeconds = 4;
    private const double SettledShare = 0.01;

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

    /// <summary>Sends load until the runtime has nothing left to compile, then leaves the program the second core alone. It warms up on both:
    /// on one that is busy the compiler hardly gets its turn, and what is measured then is code still full of counters.</summary>
    public void WarmUp()
    {
        foreach (var arm in Processes.Where(a => a.NeedsWarmUp))
        {
            // It begins late, compiles in waves and pauses between them.
            for (int step = 0, quiet = 0; step < WarmUpStepsMax && (step < WarmUpStepsMin || quiet < 2); step++)
            {
                double before = ProcessTree.CompilingSeconds(arm.Processes);
                ClosedLoad.Run(arm.Port, requestFile, WarmUpStepSeconds);
                double compiling = ProcessTree.CompilingSeconds(arm.Processes) - before;
                quiet = compiling < WarmUpStepSeconds * SettledShare ? quiet + 1 : 0;
            }
            arm.Pin();
            ClosedLoad.Run(arm.Port, requestFile, 2);
        }
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
