using System.Text.Json;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Weir.Micro.Operations;
using Weir.Reporting;

namespace Weir.Micro;

/// <summary>What one round measured. Every round is a process of its own: memory lies elsewhere in each, and that moves figures too.</summary>
internal sealed record Round
{
    /// <summary>Nanoseconds of one operation in the fastest iteration, by its name.</summary>
    public required Dictionary<string, double> Nanoseconds { get; init; }

    /// <summary>Bytes allocated by one operation, by its name.</summary>
    public required Dictionary<string, double> Bytes { get; init; }

    /// <summary>Nanoseconds a random step takes, by bytes walked through.</summary>
    public required Dictionary<int, double> MemoryLatency { get; init; }

    /// <summary>Times every operation once, in this process.</summary>
    public static Round Measure(bool isQuick)
    {
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
            .WithLaunchCount(1)
            .WithWarmupCount(2)
            // Many short ones, of which some are not interrupted, rather than few long ones that all are.
            .WithIterationCount(isQuick ? 25 : 40)
            .WithIterationTime(TimeInterval.FromMilliseconds(8))
            .WithGcForce(false);
        var config = ManualConfig.CreateEmpty().AddJob(job)
            .AddLogger(NullLogger.Instance)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .WithArtifactsPath(Path.Combine(ReportFiles.OutFolder, "BenchmarkDotNet"))
            .WithOptions(ConfigOptions.DisableLogFile);
        var summary = BenchmarkRunner.Run<OperationBenchmarks>(config);
        Dictionary<string, double> nanoseconds = new(StringComparer.Ordinal);
        foreach (var report in summary.Reports)
        {
            var operation = (Operation)report.BenchmarkCase.Parameters[nameof(OperationBenchmarks.Operation)];
            if (report.ResultStatistics is not { } statistics)
                throw new BenchException($"{operation.Name} could not be timed.");
            nanoseconds[operation.Name] = statistics.Min / operation.PerBatch;
        }
        return new Round
        {
            Nanoseconds = nanoseconds,
            Bytes = OperationBenchmarks.BytesByName,
            MemoryLatency = Micro.MemoryLatency.Sizes.ToDictionary(size => size, Micro.MemoryLatency.Measure),
        };
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Round Read(string file) => JsonSerializer.Deserialize<Round>(File.ReadAllText(file))!;

    /// <summary>Writes it for the process that collects the rounds.</summary>
    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this));
}
