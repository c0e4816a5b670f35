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
using Weir.Sites;

namespace Weir.Commands;

/// <summary><c>weir import</c>: reads access logs into the store, each line once.</summary>
internal static class ImportCommand
{
    // One address may make many requests in a log of a year: room for the clients of a busy minute is enough.
    private const int Clients = 65_536;

    // Ten seconds: a ClickHouse that lost its weir ends as soon as the statement under way has.
    private const int StartsMax = 40;
    private static readonly TimeSpan BetweenStarts = TimeSpan.FromMilliseconds(250);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = $"Access logs ({LogImporter.KnownFormats}), plain, .gz or .zst; - is standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var site = new Option<string>("--site") { Description = "Whose logs they are: the id under which the dashboard shows them.", Required = true };
        var clickhouse = SettingFlags.ClickHouse();
        var addresses = new Option<string?>("--addresses")
        {
            Description = $"What of client addresses is stored: {AddressForms.Names}. Without it: what the site's settings say.",
        };
        var follow = new Option<bool>("--follow")
        {
            Description = "Go on reading what is written to the files, through rotations, until stopped; begins where it stopped last time.",
        };
        var fromEnd = new Option<bool>("--from-end") { Description = "With --follow: pass over what stands in a file that was never read." };
        var format = new Option<string?>("--format")
        {
            Description = "How lines are made, as nginx's log_format or Apache's LogFormat says it; needed for formats of your own only.",
        };
        var json = new Option<bool>("--json") { Description = "Write the summary as JSON." };
        site.Validators.Add(r =>
        {
            if (!SiteId.TryParse(r.GetValueOrDefault<string?>(), null, out _))
                r.AddError($"--site: '{TerminalText.Clean(r.GetValueOrDefault<string?>() ?? "", 80)}' is not a site id. Use {SiteId.Rule}.");
        });
        addresses.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !AddressForms.TryParse(text, out _))
                r.AddError($"--addresses: '{TerminalText.Clean(text, 80)}' is no form of an address. Write {AddressForms.Names}.");
        });
        var command = new Command("import", "Reads access logs, classifies every line and stores it once.")
        {
            files, site, format, follow, fromEnd, SettingFlags.Config, SettingFlags.Data, clickhouse, addresses, json,
        };
        command.Validators.Add(r =>
        {
            if (r.GetValue(follow) && (r.GetValue(files) ?? []).Contains("-"))
                r.AddError("--follow: standard input is read until it ends anyway. Name files, or leave --follow out.");
            if (r.GetValue(fromEnd) && !r.GetValue(follow))
                r.AddError("--from-end is for --follow: without it a log is read to its end.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var settings = SettingFlags.Read(parsed, clickhouse);
            var id = SiteId.Parse(parsed.GetRequiredValue(site));
            var form = AddressForms.TryParse(parsed.GetValue(addresses), out var given) ? given
                : (await SiteLookup.PrivacyOfAsync(id, settings, SettingsSource.Of(parsed), stop)).Addresses;
            return await RunAsync(
                new Request(id, parsed.GetRequiredValue(files), settings.Data, settings.ClickHouse,
                    settings.SharedControl, settings.Places, parsed.GetValue(json))
                {
                    Addresses = form,
                    Pattern = parsed.GetValue(format),
                    Follow = parsed.GetValue(follow) ? new FollowOptions { FromEnd = parsed.GetValue(fromEnd) } : null,
                },
                parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, stop);
        });
        return command;
    }

    private sealed record Request(SiteId Site, string[] Files, string Folder, ClickHouseEndpoint? Server, PostgresOptions? Control, PlaceOptions Places, bool AsJson)
    {
        public AddressForm Addresses { get; init; }

        public string? Pattern { get; init; }

        public FollowOptions? Follow { get; init; }
    }

    private static async Task<int> RunAsync(Request request, TextWriter output, TextWriter error, CancellationToken stop)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        ImportSummary summary;
        try
        {
            if (request.Follow is null)
                LogImporter.Check(request.Files, request.Pattern);
            summary = await ImportAsync(request, error, stopping.Token);
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

    private static async Task<ImportSummary> ImportAsync(Request request, TextWriter error, CancellationToken stop)
    {
        // The catalog is compiled while the store starts.
        var loading = Task.Run(() => new Detector(Catalogs.Load().WithRanges(request.Folder, NullLogger.Instance), new ClientWindows(Clients)), stop);
        var places = Task.Run(() => PlaceFiles.Load(request.Places), stop);
        var (endpoint, own) = request.Server is { } server ? (server, null) : await FindOrStartAsync(request.Folder, stop);
        await using var embedded = own;
        var importer = new LogImporter(endpoint, await loading)
        {
            Places = await places,
            Addresses = request.Addresses,
            Pattern = request.Pattern,
            Positions = new LogPositions(Path.Combine(request.Folder, "imports"), request.Server is null ? "embedded" : $"{endpoint.Url}{endpoint.Database}"),
        };
        if (request.Follow is not { } follow)
        {
            var summary = await WithProgressAsync(request, importer, stop);
            await RegisterAsync(request, stop);
            return summary;
        }
        await RegisterAsync(request, stop);
        return await FollowAsync(request, importer, follow with
        {
            Note = line => error.WriteLine($"weir: {line}"),
            FindStore = request.Server is null && embedded is null ? again => EmbeddedClickHouse.TryFindRunningAsync(request.Folder, again) : null,
        }, error, stop);
    }

    // The ClickHouse of a weir that was killed a moment ago still holds the folder until it has seen that.
    private static async Task<(ClickHouseEndpoint Endpoint, EmbeddedClickHouse? Own)> FindOrStartAsync(string folder, CancellationToken stop)
    {
        for (int attempt = 1; ; attempt++)
        {
            if (Directory.Exists(folder) && await EmbeddedClickHouse.TryFindRunningAsync(folder, stop) is { } running)
                return (running, null);
            try
            {
                var own = await EmbeddedClickHouse.StartAsync(new EmbeddedClickHouseOptions { Folder = folder }, TimeProvider.System,
                    NullLogger<EmbeddedClickHouse>.Instance, stop);
                return (own.Endpoint, own);
            }
            catch (EmbeddedClickHouseException e) when (e.ExitCode == EmbeddedServer.FolderInUse && attempt < StartsMax)
            {
                await Task.Delay(BetweenStarts, TimeProvider.System, stop);
            }
        }
    }

    private static Task<ImportSummary> FollowAsync(Request request, LogImporter importer, FollowOptions follow, TextWriter error, CancellationToken stop)
    {
        error.WriteLine($"weir: following {string.Join(", ", request.Files.Select(f => TerminalText.Clean(f, 200)))} for site {request.Site}. Ctrl-C or SIGTERM ends it.");
        return importer.FollowAsync(request.Site, request.Files, follow, null, stop);
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
