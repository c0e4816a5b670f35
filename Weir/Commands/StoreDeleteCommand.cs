using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Privacy;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir store delete</c>: deletes what is held of a site or an address, and proves it.</summary>
internal static class StoreDeleteCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Count what would be deleted. Deletes nothing." };
        var gone = new Option<string[]>("--gone")
        {
            Description = "Name of an edge that is gone for good with its disk, so that nobody waits for it; several times for several.",
        };
        var by = new Option<string?>("--by") { Description = "Who wants it, for the record; the user of this terminal without it." };
        var clickhouse = SettingFlags.ClickHouse();
        var json = new Option<bool>("--json") { Description = "Print the outcome as JSON." };
        var command = new Command("delete", "Deletes what is stored of a site or of an address, waits until it is gone, and prints the counts before and after.")
        {
            dryRun, gone, by, SettingFlags.Config, SettingFlags.Data, clickhouse, json,
        };
        var subject = new StoreSubject(command);
        command.SetAction(async (parsed, stop) =>
        {
            var settings = SettingFlags.Read(parsed, clickhouse);
            await using var store = await PolicyCommand.OpenAsync(settings, stop);
            using var deletion = new StoreDeletion(store.Endpoint, TimeProvider.System);
            var whose = subject.Of(parsed, settings);
            bool isDry = parsed.GetValue(dryRun);
            try
            {
                // A store that only this command runs is written by nobody.
                var report = isDry ? await deletion.CountAsync(whose, stop)
                    : await deletion.RunAsync(whose, parsed.GetValue(by) ?? Environment.UserName, store.IsEmbedded ? TimeSpan.Zero : subject.WaitOf(parsed), parsed.GetValue(gone), stop);
                var damaged = DamagedSpool(settings);
                Write(report, whose, isDry, damaged, parsed.GetValue(json), parsed.InvocationConfiguration.Output);
                return isDry || (report.IsComplete && damaged.Count == 0) ? 0 : CommandLine.Failed;
            }
            catch (StoreException e)
            {
                throw new CommandException(e.Message, e);
            }
        });
        return command;
    }

    // Nobody can tell whose hits are in a file that cannot be read.
    private static List<string> DamagedSpool(WeirSettings settings)
    {
        string spool = Path.Combine(settings.Data, "spool");
        return Directory.Exists(spool) ? [.. Directory.EnumerateFiles(spool, "*.damaged").Order(StringComparer.Ordinal)] : [];
    }

    private static void Write(DeletionReport report, DataSubject subject, bool isDry, List<string> damaged, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(
                new
                {
                    report.Id,
                    report.At,
                    subject = subject.Kind,
                    site = subject.Site?.Value,
                    dryRun = isDry,
                    complete = !isDry && report.IsComplete && damaged.Count == 0,
                    report.Tables,
                    report.HoursMended,
                    report.CountsAgree,
                    report.Since,
                    truncatedNetworkHits = report.Networks,
                    report.OpenWriters,
                    damagedFiles = damaged,
                }, Json));
            return;
        }
        output.WriteLine(isDry ? "Would be deleted; nothing was.\n" : $"Deletion {report.Id}, of what was stored before {report.At:yyyy-MM-dd HH:mm:ss} UTC.\n");
        output.WriteLine(isDry ? $"{"table",-28}{"rows",14}" : $"{"table",-28}{"before",14}{"deleted",14}{"after",14}");
        foreach (var table in report.Tables)
        {
            output.WriteLine(isDry ? string.Create(CultureInfo.InvariantCulture, $"{table.Table,-28}{table.Before,14:N0}")
                : string.Create(CultureInfo.InvariantCulture, $"{table.Table,-28}{table.Before,14:N0}{table.Deleted,14:N0}{table.After,14:N0}"));
        }
        output.WriteLine();
        foreach (string line in Remarks(report, isDry, damaged))
            output.WriteLine(line);
    }

    private static IEnumerable<string> Remarks(DeletionReport report, bool isDry, List<string> damaged)
    {
        if (report.HoursMended > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"Counts of {report.HoursMended:N0} hours were made anew from the hits that are left.");
        if (!report.CountsAgree)
            yield return "Counts of an hour under way could not be made anew while its hits keep coming. Run the same again when the hour is over.";
        if (report.Networks > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{report.Networks:N0} hits are of the address's network, stored without its end: nobody can tell whose they are. Name the /24 or /48 to mean them all.");
        }
        if (report.Since > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{report.Since:N0} hits came while it ran, which it is not about.");
        foreach (var writer in report.OpenWriters)
        {
            yield return $"Not complete: the edge {TerminalText.Clean(writer.Edge, 80)} has not said that it delivered all from before (up to {writer.CompleteUntil:yyyy-MM-dd HH:mm:ss} UTC it has). "
                + "Start it, then run the same again; if it is gone for good with its disk, say so with --gone NAME.";
        }
        foreach (string file in damaged)
            yield return $"Not complete: {file} cannot be read and may hold anybody's hits. Delete it.";
        if (!isDry && report.IsComplete && damaged.Count == 0)
            yield return "Nothing from before is left. The record is in table deletions; it does not name the address.";
    }
}
