using System.Runtime.InteropServices;
using Weir.Scheduling.Selection;

namespace Weir.Simulation;

/// <summary>What a line of a trace is.</summary>
public enum TraceKind : byte
{
    /// <summary>A target's answer changed; policies never see it.</summary>
    Change,

    /// <summary>A signal of a target.</summary>
    Signal,

    /// <summary>An engine was announced to have changed.</summary>
    EngineUpdate,
}

/// <summary>What made a change; known of simulated ones only.</summary>
public enum ChangeCause : byte
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>The answer moved of itself.</summary>
    Drift,

    /// <summary>A page of one's own.</summary>
    Content,

    /// <summary>A competitor.</summary>
    Competitor,

    /// <summary>The engine.</summary>
    Engine,
}

/// <summary>One thing that happened. 16 bytes: half a million targets have tens of millions.</summary>
/// <param name="At">Days since the start.</param>
/// <param name="Subject">Target, or engine of an update.</param>
/// <param name="Weight">Of a signal, 0 to 1.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Detail">A signal's <see cref="SignalClass"/>, or a change's <see cref="ChangeCause"/>.</param>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
public readonly record struct TraceEvent(double At, int Subject, Half Weight, TraceKind Kind, byte Detail);

/// <summary>Everything that happens to a fleet of targets, in the order of time: what every policy is run on.</summary>
public sealed class Trace
{
    /// <summary>The targets.</summary>
    public required Fleet Fleet { get; init; }

    /// <summary>Days in all.</summary>
    public required double Days { get; init; }

    /// <summary>Days at the beginning that are not measured.</summary>
    public required double Warmup { get; init; }

    /// <summary>Days between two choices.</summary>
    public required double Tick { get; init; }

    /// <summary>What happens.</summary>
    public required IReadOnlyList<TraceEvent> Events { get; init; }

    /// <summary>The same, for whoever walks through tens of millions.</summary>
    internal ReadOnlySpan<TraceEvent> Span => Events switch
    {
        List<TraceEvent> list => CollectionsMarshal.AsSpan(list),
        TraceEvent[] array => array,
        _ => Events.ToArray(),
    };

    /// <summary>The targets' own rates in the order of time; empty where they are not known.</summary>
    public IReadOnlyList<RateChange> Rates { get; init; } = [];

    /// <summary>The scans that were made, in the order of time; empty where none are known.</summary>
    public IReadOnlyList<(double At, int Target)> Scans { get; init; } = [];
}
