using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Spectre.Console;
using Weir.Analytics.Api.Reports;

namespace Weir.Commands;

/// <summary><c>weir top</c>: what goes on at the edge now, read from the API once a second.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var api = new ApiClient();
        var seconds = new Option<int>("--seconds") { Description = "How far to look back; 60 without it.", DefaultValueFactory = _ => 60 };
        var once = new Option<bool>("--once") { Description = "Print once and end, for scripts." };
        seconds.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 1 or > 3600)
                r.AddError("--seconds: Write a number from 1 to 3600.");
        });
        var command = new Command("top", "Shows what goes on at the edge now: hits by site, crawler and identity, and the time that the edge adds.")
        {
            seconds, once,
        };
        api.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var interrupted = new Hosting.StopSignals();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, interrupted.Token);
            using var client = api.Open(parsed);
            await RunAsync(client, parsed.GetValue(seconds), parsed.GetValue(once), parsed.InvocationConfiguration.Output, either.Token);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(HttpClient client, int seconds, bool isOnce, TextWriter output, CancellationToken stop)
    {
        var top = await ReadAsync(client, seconds, stop);
        if (isOnce)
        {
            WritePlain(top, output);
            return;
        }
        try
        {
            if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected)
                await ShowAsync(client, seconds, top, stop);
            else
                await FollowAsync(client, seconds, top, output, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is how one leaves.
        }
    }

    private static Task ShowAsync(HttpClient client, int seconds, Top top, CancellationToken stop) =>
        AnsiConsole.Live(View(top, null)).AutoClear(false).StartAsync(async live =>
        {
            while (true)
            {
                live.Refresh();
                await Task.Delay(Pause, TimeProvider.System, stop);
                string? trouble = null;
                try
                {
                    top = await ReadAsync(client, seconds, stop);
                }
                catch (CommandException e)
                {
                    trouble = e.Message;
                }
                live.UpdateTarget(View(top, trouble));
            }
        });

    private static async Task FollowAsync(HttpClient client, int seconds, Top top, TextWriter output, CancellationToken stop)
    {
        while (true)
        {
            WritePlain(top, output);
            output.WriteLine();
            await output.FlushAsync(stop);
            await Task.Delay(Pause, TimeProvider.System, stop);
            top = await ReadAsync(client, seconds, stop);
        }
    }

    private static async Task<Top> ReadAsync(HttpClient client, int seconds, CancellationToken stop)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"v1/top?seconds={seconds}", UriKind.Relative), stop);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new CommandException("The API does not take the key. Name the file of one that may read analytics with --key-file, or make one with weir keys create.");
            if (!answer.IsSuccessStatusCode)
                throw new CommandException($"The API at {client.BaseAddress} answers {(int)answer.StatusCode}. Its own log says why.");
            return await answer.Content.ReadFromJsonAsync<Top>(stop) ?? throw new JsonException();
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or NotSupportedException || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            throw ApiClient.Unreadable(client, e);
        }
    }

    private static string Head(Top top) => string.Create(CultureInfo.InvariantCulture,
        $"{top.Hits} hits in {top.Seconds} s, {(double)top.Hits / top.Seconds:0.0}/s; edge adds {Ms(top.EdgeMsP50)} (p50), {Ms(top.EdgeMsP95)} (p95)");

    /// <summary>Columns and their order are promised to scripts: site, kind, crawler, identity, hits, refused, p50, p95, time of the last hit.</summary>
    private static void WritePlain(Top top, TextWriter output)
    {
        output.WriteLine($"{top.AsOf.UtcDateTime:HH:mm:ss} {Head(top)}");
        output.WriteLine($"{"site",-24} {"kind",-13} {"crawler",-24} {"identity",-13} {"hits",8} {"refused",8} {"p50",9} {"p95",9}  last");
        foreach (var row in top.Items)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Cut(row.Site),-24} {row.Kind,-13} {Cut(row.CrawlerName ?? "-"),-24} {row.Identity,-13} {row.Hits,8} {row.Refused,8} {Ms(row.EdgeMsP50),9} {Ms(row.EdgeMsP95),9}  {row.LastHit.UtcDateTime:HH:mm:ss}"));
        }
    }

    private static Rows View(Top top, string? trouble)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string name in (string[])["site", "kind", "crawler", "identity"])
            table.AddColumn(name);
        foreach (string name in (string[])["hits", "refused", "p50", "p95", "last"])
            table.AddColumn(new TableColumn(name).RightAligned());
        int room = Math.Max(5, AnsiConsole.Profile.Height - 8);
        foreach (var row in top.Items.Take(room))
        {
            string colour = row.Identity switch { "verified" => "green", "spoofed" => "red", _ => row.Kind is "crawler" or "automation" ? "yellow" : "default" };
            table.AddRow(Text(row.Site), Text(row.Kind), Text(row.CrawlerName ?? "-"), new Markup($"[{colour}]{Markup.Escape(row.Identity)}[/]"),
                Text($"{row.Hits}"), Text($"{row.Refused}"), Text(Ms(row.EdgeMsP50)), Text(Ms(row.EdgeMsP95)), Text($"{row.LastHit.UtcDateTime:HH:mm:ss}"));
        }
        var below = trouble is not null ? new Markup($"[red]{Markup.Escape(trouble)}[/]")
            : new Markup($"[grey]{Math.Max(0, top.Items.Count - room)} more rows; Ctrl-C ends[/]");
        return new Rows(new Markup($"[bold]{Markup.Escape(Head(top))}[/]"), table, below);
    }

    private static Text Text(string text) => new(Cut(text));

    // Names come from the store, which others may write too.
    private static string Cut(string text) => TerminalText.Clean(text, 40);

    private static string Ms(double? ms) => ms is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:0.00} ms") : "-";
}
