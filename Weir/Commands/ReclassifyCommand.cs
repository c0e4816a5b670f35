using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Analytics.Api.Reports;
using Weir.Detection;
using Weir.Hosting;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using Weir.Ingest.Verdicts;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir reclassify</c>: judges stored hits by what is known today.</summary>
internal static class ReclassifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var site = new Option<string?>("--site") { Description = "Only this site's hits; those of all sites without it." };
        var from = new Option<string?>("--from") { Description = "From when on: a time such as 2026-01-31T09:00:00Z, or a date. From the first hit without it." };
        var to = new Option<string?>("--to") { Description = "Until when, likewise. Until now without it." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Write nothing: say what would change." };
        var runs = new Option<bool>("--runs") { Description = "List the runs so far instead." };
        var drop = new Option<uint?>("--drop") { Description = "Take back the run of this number instead: the verdicts before it count again." };
        var clickhouse = SettingFlags.ClickHouse();
        var json = new Option<bool>("--json") { Description = "Print the outcome as JSON." };
        site.Validators.Add(r =>
        {
            if (!SiteId.TryParse(r.GetValueOrDefault<string?>(), null, out _))
                r.AddError($"--site: '{TerminalText.Clean(r.GetValueOrDefault<string?>() ?? "", 80)}' is not a site id. Use {SiteId.Rule}.");
        });
        CheckTime(from);
        CheckTime(to);
        var command = new Command("reclassify", "Judges stored hits by today's catalog and by the range lists of each hit's day, and writes verdicts that differ beside those given. Reports show them; --drop takes them back.")
        {
            site, from, to, dryRun, runs, drop, SettingFlags.Config, SettingFlags.Data, clickhouse, json,
        };
        command.Validators.Add(r =>
        {
            int ways = new Option[] { dryRun, runs, drop }.Count(o => r.GetResult(o) is { Implicit: false });
            if (ways > 1)
                r.AddError("Give one of --dry-run, --runs and --drop.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var settings = SettingFlags.Read(parsed, clickhouse);
            var output = new ReclassifyReport(parsed.InvocationConfiguration.Output, parsed.GetValue(json));
            var request = new ReclassifyRequest(
                parsed.GetValue(site) is { } id ? SiteId.Parse(id) : null, TimeOf(parsed.GetValue(from)) ?? DateTimeOffset.UnixEpoch, TimeOf(parsed.GetValue(to)));
            if (request.To is { } end && end <= request.From)
                throw new CommandException("--to must be after --from.");
            return await UseAsync(settings, (work, stopping) => parsed.GetValue(runs) ? ListAsync(work, output, stopping)
                : parsed.GetValue(drop) is { } run ? DropAsync(work, run, output, stopping)
                : JudgeAsync(work, request, parsed.GetValue(dryRun), output, stopping), stop);
        });
        return command;
    }

    private static void CheckTime(Option<string?> option) => option.Validators.Add(r =>
    {
        if (r.GetValueOrDefault<string?>() is { } text && !TimeRange.TryParseTime(text, out _))
            r.AddError($"{option.Name}: '{TerminalText.Clean(text, 40)}' is not a time. Write one such as 2026-01-31T09:00:00Z, or a date such as 2026-01-31.");
    });

    private static DateTimeOffset? TimeOf(string? text) => text is not null && TimeRange.TryParseTime(text, out var time) ? time : null;

    private static async Task<int> UseAsync(WeirSettings settings, Func<Reclassifier, CancellationToken, Task<int>> work, CancellationToken stop)
    {
        using var signals = new StopSignals();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Token);
        // The catalog is compiled while the store starts.
        var loading = Task.Run(() => Catalogs.Load().WithRanges(settings.Data, NullLogger.Instance), stop);
        try
        {
            await using var store = await PolicyCommand.OpenAsync(settings, stopping.Token);
            await SchemaMigrator.ApplyAsync(store.Endpoint, TimeProvider.System, stopping.Token);
            using var connections = new ClickHouseConnections(store.Endpoint);
            using var reclassifier = new Reclassifier(connections, new Detector(await loading), TimeProvider.System) { Progress = Console.IsErrorRedirected ? null : Show };
            return await work(reclassifier, stopping.Token);
        }
        catch (Exception e) when (e is StoreException or SchemaException)
        {
            throw new CommandException($"The stored hits cannot be read or judged: {e.Message} When that is mended, the same command goes on where it stopped.", e);
        }
    }

    private static void Show(long hits) => Console.Error.Write($"\r{hits:N0} hits judged ");

    private static async Task<int> JudgeAsync(Reclassifier work, ReclassifyRequest request, bool isDry, ReclassifyReport output, CancellationToken stop)
    {
        var outcome = isDry ? await work.TryAsync(request, stop) : await work.ApplyAsync(request, stop);
        if (!Console.IsErrorRedirected)
            Console.Error.Write("\r                              \r");
        output.Write(request, outcome);
        return 0;
    }

    private static async Task<int> ListAsync(Reclassifier work, ReclassifyReport output, CancellationToken stop)
    {
        output.Write(await work.RunsAsync(stop));
        return 0;
    }

    private static async Task<int> DropAsync(Reclassifier work, uint run, ReclassifyReport output, CancellationToken stop)
    {
        if (!await work.DropAsync(run, stop))
            throw new CommandException($"There is no run {run}. weir reclassify --runs lists them.");
        output.WriteDropped(run);
        return 0;
    }
}
