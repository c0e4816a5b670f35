using System.Globalization;
using Weir.Reporting;

namespace Weir.Ladder;

/// <summary>What a run of the ladder was asked for.</summary>
/// <param name="IsQuick">Whether it is a rough look of some minutes.</param>
/// <param name="Rounds">How often each arm is measured.</param>
/// <param name="Seconds">How long each time.</param>
/// <param name="Only">Arms to measure; all when empty. With some named, connections and latency are left out.</param>
internal sealed record Options(bool IsQuick, int Rounds, int Seconds, IReadOnlyList<string> Only)
{
    private const string Help = "bench/run ladder [--quick] [--rounds N] [--seconds N] [--only ARM,ARM…]";

    /// <summary>Processes of an arm of ours: two processes of one program differ by a fifth, so one proves little.</summary>
    public int ProcessesOfRung => IsQuick ? 1 : 3;

    /// <summary>The command that does the same again.</summary>
    public string Command => "bench/run ladder" + (IsQuick ? " --quick" : "")
        + (Only.Count > 0 ? $" --rounds {Rounds} --seconds {Seconds} --only {string.Join(',', Only)}" : "");

    /// <summary>Reads the command line.</summary>
    /// <exception cref="BenchException">Something in it is not understood.</exception>
    public static Options Read(string[] args, IReadOnlyList<string> arms)
    {
        bool isQuick = args.Contains("--quick");
        var options = new Options(isQuick, isQuick ? 3 : 20, isQuick ? 2 : 3, []);
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--quick":
                    continue;
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) && rounds is > 0 and <= 1000:
                    options = options with { Rounds = rounds };
                    break;
                case "--seconds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= 60:
                    options = options with { Seconds = seconds };
                    break;
                case "--only" when value.Split(',') is var only && only.All(arms.Contains):
                    options = options with { Only = only };
                    break;
                default:
                    throw new BenchException($"'{args[i]} {value}' is not understood. {Help}; arms: {string.Join(", ", arms)}.");
            }
            i++;
        }
        return options;
    }
}
