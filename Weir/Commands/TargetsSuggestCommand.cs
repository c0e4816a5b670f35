using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Weir.Commands;

/// <summary><c>weir targets suggest</c>: pages that queries may be linked to by their words, printed, and confirmed when asked.</summary>
internal static class TargetsSuggestCommand
{
    private const int QueriesAtOnce = 200, ConfirmedAtOnce = 100, RowsShown = 100;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var api = new ApiClient();
        var site = new Option<string?>("--site") { Description = "Only pages of this site." };
        var brand = new Option<long?>("--brand") { Description = "Only queries of the brand of this number." };
        var least = Score("--min-score", "Only suggestions of this score or more, 0 to 1; 0.25 without it.");
        var confirm = Score("--confirm-above", "Link every suggestion of this score or more, 0 to 1, to its query. Without it nothing is linked.");
        var format = new Option<string>("--format") { Description = "table, csv or jsonl.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "csv", "jsonl");
        var limit = new Option<int?>("--limit") { Description = $"Stop after so many suggestions. Without it: {RowsShown} in a table that links nothing, else all." };
        limit.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int?>() is < 1)
                r.AddError("--limit: write a number of 1 or more.");
        });
        var command = new Command("suggest", "Prints the pages that queries may be linked to by their words, and links them when asked.") { site, brand, least, confirm, format, limit };
        api.AddTo(command);
        command.SetAction((parsed, stop) => TargetsCommand.RunAsync(api, parsed, async client =>
        {
            string form = parsed.GetRequiredValue(format);
            double? above = parsed.GetValue(confirm);
            string filter = string.Concat(Parameter("site", parsed.GetValue(site)), Parameter("brand", parsed.GetValue(brand)), Parameter("min_score", parsed.GetValue(least)));
            await PrintAsync(client, filter, form, above, parsed.GetValue(limit) ?? (form == "table" && above is null ? RowsShown : int.MaxValue), parsed.InvocationConfiguration.Output, stop);
            return 0;
        }));
        return command;
    }

    private static Option<double?> Score(string name, string description)
    {
        var option = new Option<double?>(name) { Description = description };
        option.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<double?>() is { } score && score is not (>= 0 and <= 1))
                r.AddError($"{name}: write a number from 0 to 1, such as 0.8.");
        });
        return option;
    }

    private static string Parameter(string name, IFormattable? value) => Parameter(name, value?.ToString(null, CultureInfo.InvariantCulture));

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static async Task PrintAsync(HttpClient client, string filter, string form, double? above, int most, TextWriter output, CancellationToken stop)
    {
        int shown = 0, linked = 0;
        long queries = 0, pages = 0;
        string? cursor = null;
        if (form == "csv")
            output.WriteLine("query,brand,text,site,path,title,score,coverage,words,snippet,linked");
        do
        {
            using var answer = await client.GetAsync(new Uri($"v1/suggestions?limit={QueriesAtOnce}{filter}{Parameter("cursor", cursor)}", UriKind.Relative), stop);
            await TargetsCommand.ThrowIfRefusedAsync(answer, stop);
            var page = await TargetsCommand.ReadAsync(answer, stop);
            var rows = page.GetProperty("items").EnumerateArray().Take(most - shown).ToList();
            var confirmed = rows.FindAll(r => r.GetProperty("score").GetDouble() >= (above ?? double.MaxValue));
            foreach (var some in confirmed.Chunk(ConfirmedAtOnce))
                await ConfirmAsync(client, some, stop);
            foreach (var row in rows)
                output.WriteLine(Line(row, form, isLinked: confirmed.Contains(row)));
            (shown, linked, queries, pages) = (shown + rows.Count, linked + confirmed.Count, queries + TargetsCommand.Number(page, "queries"), TargetsCommand.Number(page, "pages"));
            cursor = TargetsCommand.Text(page, "next");
        }
        while (cursor is not null && shown < most);
        if (form != "table")
            return;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{shown:N0} suggestions for {queries:N0} queries among {pages:N0} pages{(above is null ? "; --confirm-above 0.8 links the best" : $"; {linked:N0} linked")}."));
        if (pages == 0)
            output.WriteLine("No page's text is known yet: verified crawlers have to fetch pages through the edge first.");
    }

    private static async Task ConfirmAsync(HttpClient client, IEnumerable<JsonElement> rows, CancellationToken stop)
    {
        using var answer = await client.PostAsJsonAsync(new Uri("v1/suggestions/confirm", UriKind.Relative), new
        {
            suggestions = rows.Select(r => new { query = TargetsCommand.Number(r, "query"), site = TargetsCommand.Text(r, "site"), path = TargetsCommand.Text(r, "path") }),
        }, stop);
        await TargetsCommand.ThrowIfRefusedAsync(answer, stop);
    }

    private static string Line(JsonElement row, string form, bool isLinked)
    {
        string Words(string separator) => string.Join(separator, row.GetProperty("words").EnumerateArray().Select(w => w.GetString()));
        string score = row.GetProperty("score").GetDouble().ToString(CultureInfo.InvariantCulture);
        return form switch
        {
            "jsonl" => row.ToString().ReplaceLineEndings(" "),
            "csv" => string.Join(',', ((string?[])
            [
                row.GetProperty("query").ToString(), TargetsCommand.Text(row, "brand"), TargetsCommand.Text(row, "text"), TargetsCommand.Text(row, "site"), TargetsCommand.Text(row, "path"),
                TargetsCommand.Text(row, "title"), score, row.GetProperty("coverage").ToString(), Words(" "), TargetsCommand.Text(row, "snippet"), isLinked ? "true" : "false",
            ]).Select(Field)),
            _ => TerminalText.Clean(string.Create(CultureInfo.InvariantCulture,
                $"{row.GetProperty("score").GetDouble(),5:P0}  {TargetsCommand.Text(row, "text")}  ->  {TargetsCommand.Text(row, "site")} {TargetsCommand.Text(row, "path")}  ({Words(", ")}){(isLinked ? "  linked" : "")}"), 400),
        };
    }

    private static string Field(string? text) => $"\"{(text ?? "").Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
