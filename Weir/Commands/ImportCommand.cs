using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.Ingest.AccessLogs;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
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
        var data = new Option<string>("--data") { Description = "Folder of the embedded store.", DefaultValueFactory = _ => "weir-data" };
        var clickhouse = new Option<string?>("--clickhouse") { Description = "A ClickHouse server to use instead, such as http://127.0.0.1:8123." };
        var json = new Option<bool>("--json") { Description = "Write the summary as JSON." };
        site.Validators.Add(r =>
        {
            if (!SiteId.TryParse(r.GetValueOrDefault<string?>(), null, out _))
                r.AddError($"--site: '{TerminalText.Clean(r.GetValueOrDefault<string?>() ?? "", 80)}' is not a site id. Use {SiteId.Rule}.");
        });
        var command = new Command("import", "Reads access logs, classifies every line and stores it once.") { files, site, data, clickhouse, json };
        command.SetAction((parsed, stop) => RunAsync(
            new Request(SiteId.Parse(parsed.GetRequiredValue(site)), parsed.GetRequiredValue(files), parsed.GetRequiredValue(data),
                parsed.GetValue(clickhouse), parsed.GetValue(json)),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, stop));
        return command;
    }

    private sealed record Request(SiteId Site, string[] Files, string Folder, string? ClickHouse, bool AsJson);

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
        var loading = Task.Run(() => new Detector(Catalogs.Load(), new ClientWindows(Clients)), stop);
        var endpoint = EndpointOf(request);
        if (endpoint is null && Directory.Exists(request.Folder))
            endpoint = await EmbeddedClickHouse.TryFindRunningAsync(request.Folder, stop);
        await using var embedded = endpoint is null
            ? await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { Folder = request.Folder }, TimeProvider.System,
                NullLogger<EmbeddedClickHouse>.Instance, stop)
            : null;
        var importer = new LogImporter(endpoint ?? embedded!.Endpoint, await loading);
        return await WithProgressAsync(request, importer, stop);
    }

    private static ClickHouseEndpoint? EndpointOf(Request request)
    {
        try
        {
            return SettingsReader.Read(null, SettingsReader.Environment(),
                request.ClickHouse is null ? [] : [SettingOverride.Flag("--clickhouse", "clickhouse.url", request.ClickHouse)]).ClickHouse;
        }
        catch (SettingsException e)
        {
            throw new CommandException(e.Errors[0].ToString(), e);
        }
    }

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
