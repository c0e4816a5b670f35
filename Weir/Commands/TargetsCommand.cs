using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Spectre.Console;

namespace Weir.Commands;

/// <summary><c>weir targets import|export|suggest</c>: targets by the file, through a running API.</summary>
internal static class TargetsCommand
{
    private const int ErrorsShown = 20, WarningsShown = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The command.</summary>
    public static Command Create() => new("targets", "Imports and exports what is watched: brand queries on engines, and the pages that bear on them; suggests pages.")
    {
        CreateImport(), CreateExport(), TargetsSuggestCommand.Create(),
    };

    private static Command CreateImport()
    {
        var api = new ApiClient();
        var file = new Argument<string>("FILE") { Description = "CSV with the columns brand, query, engine, site, pattern, weight and topics, or JSON lines; plain or .gz; - for standard input." };
        var site = new Option<string?>("--site") { Description = "Site of rows that name none." };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = new Command("import", "Makes targets of a file. Importing it again changes nothing.") { file, site, json };
        api.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(api, parsed, async client =>
        {
            await using var rows = Open(parsed.GetRequiredValue(file));
            string query = parsed.GetValue(site) is { } only ? $"?site={Uri.EscapeDataString(only)}" : "";
            var summary = await ImportAsync(client, rows, query, stop);
            if (parsed.GetValue(json))
                parsed.InvocationConfiguration.Output.WriteLine(summary.ToString());
            else
                await WriteAsync(client, summary, parsed.InvocationConfiguration.Output, stop);
            return Text(summary, "state") == "failed" || Number(summary, "rejected") > 0 ? 1 : 0;
        }));
        return command;
    }

    private static Command CreateExport()
    {
        var api = new ApiClient();
        var to = new Option<string?>("--output") { Description = "File to write; standard output without it." };
        var format = new Option<string>("--format") { Description = "csv or jsonl.", DefaultValueFactory = _ => "csv" };
        format.AcceptOnlyFromAmong("csv", "jsonl");
        var command = new Command("export", "Writes all targets; an import reads them back to the same.") { to, format };
        api.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(api, parsed, async client =>
        {
            using var answer = await client.GetAsync(new Uri($"v1/targets/export?format={parsed.GetValue(format)}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop);
            await ThrowIfRefusedAsync(answer, stop);
            await using var file = parsed.GetValue(to) is { } path ? Create(path) : Console.OpenStandardOutput();
            await answer.Content.CopyToAsync(file, stop);
            return 0;
        }));
        return command;
    }

    internal static async Task<int> RunAsync(ApiClient api, ParseResult parsed, Func<HttpClient, Task<int>> work)
    {
        using var client = api.Open(parsed);
        // A file takes as long as it takes.
        client.Timeout = Timeout.InfiniteTimeSpan;
        try
        {
            return await work(client);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            throw ApiClient.Unreadable(client, e);
        }
    }

    /// <summary>Sends the file, and follows the import when it is too large to be answered at once.</summary>
    private static async Task<JsonElement> ImportAsync(HttpClient client, Stream rows, string query, CancellationToken stop)
    {
        if (Console.IsErrorRedirected)
            return await SendAndFollowAsync(client, rows, query, _ => { }, stop);
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await terminal.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new SpinnerColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("Sending the file").IsIndeterminate();
                return await SendAndFollowAsync(client, rows, query, job => task.Description = string.Create(CultureInfo.InvariantCulture,
                    $"{Number(job, "rows"):N0} rows read, {Number(job, "rowsPerSecond"):N0} a second"), stop);
            });
    }

    private static async Task<JsonElement> SendAndFollowAsync(HttpClient client, Stream rows, string query, Action<JsonElement> progress, CancellationToken stop)
    {
        using var content = new StreamContent(rows);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var answer = await client.PostAsync(new Uri($"v1/targets/import{query}", UriKind.Relative), content, stop);
        await ThrowIfRefusedAsync(answer, stop);
        var job = await ReadAsync(answer, stop);
        while (answer.StatusCode == HttpStatusCode.Accepted && (Text(job, "state") is "waiting" or "running"))
        {
            await Task.Delay(Pause, TimeProvider.System, stop);
            using var standing = await client.GetAsync(new Uri(answer.Headers.Location!.OriginalString.TrimStart('/'), UriKind.Relative), stop);
            await ThrowIfRefusedAsync(standing, stop);
            job = await ReadAsync(standing, stop);
            progress(job);
        }
        return job;
    }

    private static async Task WriteAsync(HttpClient client, JsonElement summary, TextWriter output, CancellationToken stop)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Number(summary, "rows"):N0} rows: {Number(summary, "created"):N0} targets made, {Number(summary, "linked"):N0} linked, {Number(summary, "unchanged"):N0} unchanged, {Number(summary, "rejected"):N0} rows rejected."));
        if (Text(summary, "why") is { } why)
            output.WriteLine(TerminalText.Clean(why));
        long id = Number(summary, "id");
        var errors = summary.TryGetProperty("errors", out var inline) ? inline.EnumerateArray().ToList() : [];
        if (id > 0 && Number(summary, "rejected") > 0)
        {
            using var answer = await client.GetAsync(new Uri($"v1/targets/imports/{id}/errors?limit={ErrorsShown}", UriKind.Relative), stop);
            await ThrowIfRefusedAsync(answer, stop);
            errors = [.. (await ReadAsync(answer, stop)).GetProperty("items").EnumerateArray()];
        }
        foreach (var error in errors.Take(ErrorsShown))
            output.WriteLine(TerminalText.Clean($"  line {Math.Max(Number(error, "row"), Number(error, "line"))} {Text(error, "field")}: {Text(error, "error")}"));
        if (id > 0 && Number(summary, "rejected") > ErrorsShown)
            output.WriteLine($"  All of them: GET /v1/targets/imports/{id}/errors?format=csv");
        // Patterns that match nothing mostly do so for one reason, which the first few tell.
        var warnings = summary.TryGetProperty("warnings", out var all) ? all.EnumerateArray().ToList() : [];
        foreach (var warning in warnings.Take(WarningsShown))
            output.WriteLine(TerminalText.Clean($"  {Text(warning, "site")} {Text(warning, "pattern")}: {Text(warning, "warning")}"));
        if (warnings.Count > WarningsShown)
            output.WriteLine($"  … and {warnings.Count - WarningsShown} more patterns; --json has them.");
    }

    internal static async Task ThrowIfRefusedAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        if (answer.IsSuccessStatusCode)
            return;
        string body = await answer.Content.ReadAsStringAsync(stop);
        try
        {
            var problem = JsonElement.Parse(body);
            throw new CommandException(TerminalText.Clean($"{Text(problem, "title")}: {Text(problem, "detail")} {Text(problem, "next")}"));
        }
        catch (JsonException e)
        {
            throw new CommandException($"The API answered {(int)answer.StatusCode}.", e);
        }
    }

    internal static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken stop) => JsonElement.Parse(await answer.Content.ReadAsStringAsync(stop));

    internal static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static long Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? (long)value.GetDouble() : 0;

    private static Stream Open(string path)
    {
        try
        {
            return path == "-" ? Console.OpenStandardInput() : File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{TerminalText.Clean(path)} cannot be read: {e.Message}", e);
        }
    }

    private static FileStream Create(string path)
    {
        try
        {
            return File.Create(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{TerminalText.Clean(path)} cannot be written: {e.Message}", e);
        }
    }
}
