using System.Globalization;
using Weir.Reporting;

namespace Weir.Storage;

/// <summary>What a run was asked for.</summary>
/// <param name="IsQuick">Whether it is a rough look of some minutes.</param>
/// <param name="Hits">Hits that each compared table holds.</param>
/// <param name="FullHits">Hits of the tables that are measured whole: the one before and the one in force; 0 leaves that part out.</param>
/// <param name="Questions">How often each report is asked.</param>
/// <param name="Only">Candidates to compare; all when empty.</param>
/// <param name="Seed">The traffic: the same seed is the same hits.</param>
/// <param name="Folder">Where ClickHouse keeps them meanwhile; it is emptied before each table.</param>
/// <param name="IsKept">Whether the last table stays there: a data folder for <c>weir up</c>.</param>
internal sealed record Options(bool IsQuick, long Hits, long FullHits, int Questions, IReadOnlyList<string> Only, int Seed, string Folder, bool IsKept)
{
    private const string Help = "bench/run store [--quick] [--hits N] [--full N] [--questions N] [--only CANDIDATE,…] [--seed N] [--folder DIR] [--keep]";

    /// <summary>Whether its report may be committed.</summary>
    public bool IsWhole => !IsQuick && Only.Count == 0;

    /// <summary>The command that does the same again.</summary>
    public string Command => "bench/run store" + (IsQuick ? " --quick" : $" --hits {Hits} --full {FullHits} --questions {Questions}")
        + (Only.Count > 0 ? $" --only {string.Join(',', Only)}" : "") + $" --seed {Seed}";

    /// <summary>Reads the command line.</summary>
    /// <exception cref="BenchException">Something in it is not understood.</exception>
    public static Options Read(string[] args)
    {
        bool isQuick = args.Contains("--quick");
        var options = new Options(isQuick, isQuick ? 1_000_000 : 10_000_000, isQuick ? 0 : 100_000_000, isQuick ? 10 : 60, [], 1,
            Path.Combine(ReportFiles.OutFolder, "store"), args.Contains("--keep"));
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--quick" or "--keep":
                    continue;
                case "--hits" when TryNumber(value, out long hits) && hits >= 10_000:
                    options = options with { Hits = hits };
                    break;
                case "--full" when TryNumber(value, out long full):
                    options = options with { FullHits = full };
                    break;
                case "--questions" when TryNumber(value, out long questions) && questions is >= 2 and <= 10_000:
                    options = options with { Questions = (int)questions };
                    break;
                case "--only" when value.Split(',') is var only && only.All(Candidate.Names.Contains):
                    options = options with { Only = only };
                    break;
                case "--seed" when TryNumber(value, out long seed) && seed <= int.MaxValue:
                    options = options with { Seed = (int)seed };
                    break;
                case "--folder" when value.Length > 0:
                    options = options with { Folder = Path.GetFullPath(value) };
                    break;
                default:
                    throw new BenchException($"'{args[i]} {value}' is not understood. {Help}; candidates: {string.Join(", ", Candidate.Names)}.");
            }
            i++;
        }
        return options;
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
