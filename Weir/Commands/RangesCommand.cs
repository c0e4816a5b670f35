using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Hosting;

namespace Weir.Commands;

/// <summary><c>weir catalog ranges</c> and <c>weir catalog refresh</c>: the range lists of a data folder, looked at and fetched.</summary>
internal static class RangesCommand
{
    /// <summary>The command that prints each list.</summary>
    public static Command CreateRanges()
    {
        var command = new Command("ranges", "Prints each range list: version, age, last fetch and what came of it.") { SettingFlags.Config, SettingFlags.Data };
        command.SetAction(parsed => Print(SettingFlags.Read(parsed).Data, parsed.InvocationConfiguration.Output));
        return command;
    }

    /// <summary>The command that fetches each list.</summary>
    public static Command CreateRefresh()
    {
        var once = new Option<bool>("--once") { Description = "Fetch every list now, and end. A running edge fetches by itself.", Required = true };
        var command = new Command("refresh", "Fetches the range lists of operators into the data folder. Exit code 1 when one was refused or could not be fetched.")
        {
            once, SettingFlags.Config, SettingFlags.Data,
        };
        command.SetAction(async (parsed, stop) => await RefreshAsync(SettingFlags.Read(parsed).Data, parsed.InvocationConfiguration.Output, stop));
        return command;
    }

    private static int Print(string data, TextWriter output)
    {
        var store = new RangeListStore(RangeListStore.FolderIn(data), new RangeRefreshOptions());
        var catalog = Catalogs.Load().WithRanges(data, NullLogger.Instance);
        var now = TimeProvider.System.GetUtcNow();
        output.WriteLine($"{"list",-36} {"version",-20} {"age",8} {"confirmed",10} {"tried",16}  state");
        foreach (var list in catalog.RangeLists.OrderBy(l => l.Source.File, StringComparer.Ordinal))
        {
            var state = store.ReadState(list.Source.File);
            string tried = state.TriedAt is { } at ? $"{at.UtcDateTime:yyyy-MM-dd HH:mm}" : "";
            output.WriteLine($"{list.Source.File,-36} {list.Version,-20} {Days(now - list.PublishedAt),8} {Days(now - list.KnownGoodAt),10} {tried,16}  {Words(list, state)}");
        }
        return 0;
    }

    private static async Task<int> RefreshAsync(string data, TextWriter output, CancellationToken stop)
    {
        using var folder = DataFolder.Hold(data);
        var options = new RangeRefreshOptions();
        var detector = new Detector(Catalogs.Load().WithRanges(folder.Path, NullLogger.Instance));
        var store = new RangeListStore(RangeListStore.FolderIn(folder.Path), options);
        using var refresher = new RangeListRefresher(detector, store, options, TimeProvider.System, report => Say(report, output), Random.Shared);
        var reports = await refresher.RefreshAsync(stop);
        int good = reports.Count(r => r.State is RangeFetchState.Updated or RangeFetchState.Unchanged);
        output.WriteLine($"{good} of {reports.Count} lists are their publishers' of now.");
        return good == reports.Count ? 0 : CommandLine.Failed;
    }

    private static void Say(RangeRefreshReport report, TextWriter output)
    {
        lock (output)
            output.WriteLine($"{report.File,-36} {Word(report.State),-10} {report.InForce.Version}{(report.Why is { } why ? $"  {TerminalText.Clean(why)}" : "")}");
    }

    private static string Words(RangeList list, RangeListState state) => list.Source.Url is null ? "no publisher's URL: bundled"
        : Word(state.State) + (state.Why is { } why ? $": {TerminalText.Clean(why)}" : "");

    private static string Word(RangeFetchState state) => state switch
    {
        RangeFetchState.NeverFetched => "bundled",
        RangeFetchState.Updated => "updated",
        RangeFetchState.Unchanged => "unchanged",
        RangeFetchState.Refused => "refused",
        _ => "failed",
    };

    private static string Days(TimeSpan age) => $"{Math.Max((int)age.TotalDays, 0)} d";
}
