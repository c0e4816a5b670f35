using System.CommandLine;
using System.Text;
using System.Text.Json;
using Weir.Analytics.Api.Hosting;
using Weir.Control;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Privacy;

namespace Weir.Commands;

/// <summary><c>weir store export</c>: gives all that is held of an address or of a site.</summary>
internal static class StoreExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var format = new Option<string>("--format") { Description = "jsonl: a line a row; csv: a file a table.", DefaultValueFactory = _ => "jsonl" };
        format.AcceptOnlyFromAmong("jsonl", "csv");
        var to = new Option<string?>("--out") { Description = "File for jsonl, folder for csv; standard output without it (jsonl only). Readable by its owner alone." };
        var clickhouse = SettingFlags.ClickHouse();
        var command = new Command("export", "Writes all that is stored of an address or of a site: every row of every table, every column.")
        {
            format, to, SettingFlags.Config, SettingFlags.Data, clickhouse,
        };
        var subject = new StoreSubject(command);
        command.Validators.Add(r =>
        {
            if (r.GetValue(format) == "csv" && r.GetValue(to) is null)
                r.AddError("--format csv writes a file a table: name a folder with --out FOLDER.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var settings = SettingFlags.Read(parsed, clickhouse);
            await using var store = await PolicyCommand.OpenAsync(settings, stop);
            using var export = new StoreExport(store.Endpoint, TimeProvider.System);
            var error = parsed.InvocationConfiguration.Error;
            try
            {
                var open = await export.WaitForWritersAsync(store.IsEmbedded ? TimeSpan.Zero : subject.WaitOf(parsed), stop);
                var rows = export.ReadAsync(subject.Of(parsed, settings), stop);
                var counts = parsed.GetRequiredValue(format) == "csv" ? await WriteCsvAsync(rows, parsed.GetRequiredValue(to)!)
                    : await WriteJsonAsync(rows, parsed.GetValue(to), parsed.InvocationConfiguration.Output);
                error.WriteLine(counts.Count == 0 ? "Nothing is held." : string.Join(", ", counts.Select(c => $"{c.Value:N0} of {c.Key}")) + ".");
                foreach (var writer in open)
                    error.WriteLine($"weir: the edge {TerminalText.Clean(writer.Edge, 80)} may hold more that is not stored yet. Start it, then export again.");
                return open.Count == 0 ? 0 : CommandLine.Failed;
            }
            catch (StoreException e)
            {
                throw new CommandException(e.Message, e);
            }
        });
        return command;
    }

    private static async Task<SortedDictionary<string, long>> WriteJsonAsync(IAsyncEnumerable<HeldRow> rows, string? file, TextWriter output)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await using var writer = file is null ? null : Open(file);
        await foreach (var row in rows)
        {
            await (writer ?? output).WriteAsync($"{{\"table\":{JsonSerializer.Serialize(row.Table)},\"row\":{row.Json}}}\n");
            counts[row.Table] = counts.GetValueOrDefault(row.Table) + 1;
        }
        return counts;
    }

    private static async Task<SortedDictionary<string, long>> WriteCsvAsync(IAsyncEnumerable<HeldRow> rows, string folder)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        PrivateFile.EnsureFolder(folder);
        StreamWriter? writer = null;
        try
        {
            var text = new StringBuilder();
            await foreach (var row in rows)
            {
                using var json = JsonDocument.Parse(row.Json);
                text.Clear();
                if (!counts.TryGetValue(row.Table, out long before))
                {
                    if (writer is not null)
                        await writer.DisposeAsync();
                    writer = Open(Path.Combine(folder, $"{row.Table}.csv"));
                    Csv.WriteRow(text, [.. json.RootElement.EnumerateObject().Select(p => p.Name)]);
                }
                Csv.WriteRow(text, [.. json.RootElement.EnumerateObject().Select(p => CellOf(p.Value))]);
                await writer!.WriteAsync(text);
                counts[row.Table] = before + 1;
            }
        }
        finally
        {
            if (writer is not null)
                await writer.DisposeAsync();
        }
        return counts;
    }

    private static object? CellOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.TryGetDecimal(out decimal number) => number,
        _ => value.GetRawText(),
    };

    private static StreamWriter Open(string file) =>
        new(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), PrivateFile.Options(FileMode.Create, FileAccess.Write, FileShare.Read));
}
