using System.Globalization;
using Weir.Reporting;

namespace Weir.Storage.Api;

/// <summary>What a run of the API's load was asked for.</summary>
/// <param name="Hits">Hits that the store holds.</param>
/// <param name="Users">People who look at dashboards at a time.</param>
/// <param name="Seconds">How long they are watched; half a minute before does not count.</param>
/// <param name="Rate">Hits a second that come in meanwhile.</param>
/// <param name="Seed">The traffic and the people.</param>
/// <param name="Pages">How often a browser opens the first view of each of three sites.</param>
/// <param name="Folder">A data folder that <c>bench/run store --keep</c> left; made when it is not there.</param>
internal sealed record ApiOptions(long Hits, int Users, int Seconds, int Rate, int Seed, int Pages, string Folder)
{
    private const string Help = "bench/run api [--hits N] [--users N] [--seconds N] [--rate N] [--seed N] [--pages N] [--folder DIR]";

    /// <summary>The command that does the same again.</summary>
    public string Command => $"bench/run api --hits {Hits} --users {Users} --seconds {Seconds} --rate {Rate} --seed {Seed}";

    /// <summary>Whether its report may be committed.</summary>
    public bool IsWhole => Hits >= 100_000_000 && Users >= 50 && Seconds >= 120;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="BenchException">Something in it is not understood.</exception>
    public static ApiOptions Read(IReadOnlyList<string> args)
    {
        var options = new ApiOptions(100_000_000, 50, 180, 1_000, 1, 5, Path.Combine(ReportFiles.OutFolder, "api"));
        for (int i = 0; i < args.Count; i += 2)
        {
            string value = i + 1 < args.Count ? args[i + 1] : "";
            long number = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long read) ? read : 0;
            options = args[i] switch
            {
                "--hits" when number >= 10_000 => options with { Hits = number },
                "--users" when number is >= 1 and <= 1_000 => options with { Users = (int)number },
                "--seconds" when number is >= 10 and <= 3_600 => options with { Seconds = (int)number },
                "--rate" when number is >= 1 and <= 100_000 => options with { Rate = (int)number },
                "--seed" when number is >= 1 and <= int.MaxValue => options with { Seed = (int)number },
                "--pages" when number is >= 1 and <= 100 => options with { Pages = (int)number },
                "--folder" when value.Length > 0 => options with { Folder = Path.GetFullPath(value) },
                _ => throw new BenchException($"'{args[i]} {value}' is not understood. {Help}"),
            };
        }
        return options;
    }
}
