using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.Hosting;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
using Weir.Proxy.Places;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir import</c>: reads access logs into the store, each line once.</summary>
internal static class ImportCommand
{
    // One address may make many requests in a log of a year: room for the clients of a busy minute is enough.
    private const int Clients = 65_536;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = $"Access logs ({LogImporter.KnownFormats}), plain, .gz or .zst; - is standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var site = new Option<string>("--site") { Description = "Whose logs they are: the id under which the dashboard shows them.", Required = true };
        var clickhouse = new Option<string?>("--clickhouse") { Description = "A ClickHouse server to use instead, such as http://127.0.0.1:8123." };
        var json = new Option<bool>("--json") { Description = "Write the summary as JSON." };
        site.Validators.Add(r =>
        {
            if (!SiteId.TryParse(r.GetValueOrDefault<string?>(), null, out _))
                r.AddError($"--site: '{TerminalText.Clean(r.GetValueOrDefault<string?>() ?? "", 80)}' is not a site id. Use {SiteId.Rule}.");
        });
        var command = new Command("import", "Reads access logs, classifies every line and stores it once.")
        {
            files, site, SettingFlags.Config, SettingFlags.Data, clickhouse, json,
        };
        command.SetAction((parsed, stop) =>
        {
            string? server = parsed.GetValue(clickhouse);
            var settings = SettingFlags.Read(parsed, server is null ? [] : [SettingOverride.Flag(clickhouse.Name, "clickhouse.url", server)]);
            return RunAsync(
                new Request(SiteId.Parse(parsed.GetRequiredValue(site)), parsed.GetRequiredValue(files), settings.Data, settings.ClickHouse,
                    settings.SharedControl, settings.Places, parsed.GetValue(json)),
                parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, stop);
        });
        return command;
    }

    private sealed record Request(SiteId Site, string[] Files, string Folder, ClickHouseEndpoint? Server, PostgresOptions? Control, PlaceOptions Places, bool AsJson);

    private static async Task<int> RunAsync(Request request, TextWriter output, TextWriter error, CancellationToken stop)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        ImportSummary summary;
        try
        {
            LogImporter.Check(request.Files);
            summary = await ImportAsync(request, stopping.Token);
            await RegisterAsync(request, stopping.Token);
        }
        catch (Exception e) when (e is ImportException or EmbeddedClickHouseException)
        {
            throw new CommandException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The data folder {request.Folder} cannot be used: {e.Message.TrimEnd('.')}. "
                + "Name a folder that this user may write with --data DIR.", e);
        }
        if (request.AsJson)
            ImportReport.WriteJson(summary, output);
        else
            ImportReport.WriteWords(summary, request.Site, output);
        foreach (string failure in summary.Failures)
            error.WriteLine($"weir: {failure}");
        return summary.Failures.Count == 0 ? 0 : CommandLine.Failed;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static async Task<ImportSummary> ImportAsync(Request request, CancellationToken stop)
    {
        // The catalog is compiled while the store starts.
        var loading = Task.Run(() => new Detector(Catalogs.Load().WithRanges(request.Folder, NullLogger.Instance), new ClientWindows(Clients)), stop);
        var places = Task.Run(() => PlaceFiles.Load(request.Places), stop);
        var endpoint = request.Server;
        if (endpoint is null && Directory.Exists(request.Folder))
            endpoint = await EmbeddedClickHouse.TryFindRunningAsync(request.Folder, stop);
        await using var embedded = endpoint is null
            ? await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { Folder = request.Folder }, TimeProvider.System,
                NullLogger<EmbeddedClickHouse>.Instance, stop)
            : null;
        var importer = new LogImporter(endpoint ?? embedded!.Endpoint, await loading) { Places = await places };
        return await WithProgressAsync(request, importer, stop);
    }

    /// <summary>Makes the site known beside the store, so that keys and targets may name it before its first request.</summary>
    private static Task RegisterAsync(Request request, CancellationToken stop) => ControlStores.UseAsync(
        request.Control, request.Folder, store => new SqlSites(store, TimeProvider.System).EnsureAsync(request.Site, stop: stop), stop);

    private static async Task<ImportSummary> WithProgressAsync(Request request, LogImporter importer, CancellationToken stop)
    {
        if (Console.IsErrorRedirected)
            return await importer.RunAsync(request.Site, request.Files, null, stop);
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await terminal.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async view =>
            {
                var bar = view.AddTask("reading");
                bar.IsIndeterminate = true;
                return await importer.RunAsync(request.Site, request.Files, progress =>
                {
                    bar.Description = $"{progress.Lines:N0} lines";
                    bar.IsIndeterminate = progress.BytesTotal == 0;
                    bar.MaxValue = Math.Max(1, progress.BytesTotal);
                    bar.Value = progress.BytesDone;
                }, stop);
            });
    }
}
