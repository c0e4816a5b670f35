using System.Globalization;
using Weir.Reporting;

namespace Weir.Faults;

/// <summary>What a run was asked for.</summary>
/// <param name="Folder">A small disk: what is under test keeps its data there, and it is filled up.</param>
/// <param name="Rounds">How many faults.</param>
/// <param name="Seed">Decides which faults, and when.</param>
internal sealed record Options(string Folder, int Rounds, int Seed)
{
    /// <summary>Fewer than this prove little: such a report is not for committing.</summary>
    public const int RoundsOfReport = 100;

    private const string Help = "bench/run faults [--rounds N] [--seed N]";

    /// <summary>Reads the command line.</summary>
    /// <exception cref="BenchException">Something in it is not understood.</exception>
    public static Options Read(string[] args)
    {
        if (args.Length == 0)
            throw new BenchException($"no disk was named. {Help}");
        var options = new Options(args[0], RoundsOfReport, 1);
        for (int i = 1; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            options = args[i] switch
            {
                "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) && rounds is > 0 and <= 10_000 => options with { Rounds = rounds },
                "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seed) => options with { Seed = seed },
                _ => throw new BenchException($"'{args[i]} {value}' is not understood. {Help}"),
            };
        }
        return options;
    }
}
