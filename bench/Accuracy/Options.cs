using System.Globalization;
using Weir.Reporting;

namespace Weir.Accuracy;

/// <summary>What the command line asked for.</summary>
internal sealed record Options
{
    public const string Help = """
        bench/run accuracy [--corpus DIR] [--quick] [--seed N] [--misses]
          --corpus DIR  also score a folder that holds *bots*.jsonl and *browsers*.jsonl
          --quick       a tenth of the random addresses; the report goes to bench/out
          --seed N      seed of everything random, default 20261125
          --misses      write the misses on the open packages too, not only those on --corpus; to bench/out
        """;

    public string? Corpus { get; init; }

    public bool IsQuick { get; init; }

    public bool WithMisses { get; init; }

    public int Seed { get; init; } = 20261125;

    /// <exception cref="BenchException">An argument is not known.</exception>
    public static Options Parse(string[] arguments)
    {
        var options = new Options();
        for (int i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--corpus" when i + 1 < arguments.Length => options with { Corpus = arguments[++i] },
                "--seed" when i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out int seed) && i++ >= 0
                    => options with { Seed = seed },
                "--quick" => options with { IsQuick = true },
                "--misses" => options with { WithMisses = true },
                _ => throw new BenchException($"'{arguments[i]}' is not understood.\n{Help}"),
            };
        }
        return options;
    }

    /// <summary>The command, without the folder's name.</summary>
    public string Command => "bench/run accuracy" + (Corpus is null ? "" : " --corpus DIR") + (IsQuick ? " --quick" : "")
        + (Seed == new Options().Seed ? "" : $" --seed {Seed}");
}
