using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Weir.Scheduling.Targets;

/// <summary>Reads the rows of an import: CSV with a header, JSON lines, or a JSON list; told apart by the first character.</summary>
public static class TargetRows
{
    private static readonly string[] Columns = ["brand", "query", "engine", "engines", "site", "pattern", "patterns", "pages", "url", "weight", "topic", "topics"];

    /// <summary>The rows, in order. A row that cannot be read carries its error and ends nothing.</summary>
    /// <param name="body">The file, UTF-8.</param>
    /// <param name="rules">Checks each row.</param>
    /// <param name="defaultSite">Site of rows that name none; null when each must.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="FormatException">The file as a whole cannot be read: no header, a quote never closed, broken JSON list.</exception>
    public static async IAsyncEnumerable<TargetRow> ReadAsync(
        Stream body, TargetRules rules, string? defaultSite, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var pipe = PipeReader.Create(body);
        byte first = await FirstAsync(pipe, stop);
        using var text = new StreamReader(pipe.AsStream());
        var rows = first switch
        {
            (byte)'[' => JsonList(text, stop),
            (byte)'{' => JsonLines(text, stop),
            _ => Csv(text, stop),
        };
        await foreach (var (row, draft, json, error) in rows.WithCancellation(stop))
        {
            var errors = new List<FieldError>();
            IReadOnlyList<NewTarget> targets = [];
            if (error is not null)
                errors.Add(new FieldError("", error));
            else if (draft is not null)
                targets = rules.Read(draft with { Site = draft.Site ?? defaultSite }, errors);
            else
                targets = rules.Read(json, errors);
            yield return new TargetRow(row, targets, errors);
        }
    }

    /// <summary>The first byte that is no white space or byte order mark, left unread; 0 when there is none.</summary>
    private static async Task<byte> FirstAsync(PipeReader pipe, CancellationToken stop)
    {
        while (true)
        {
            var result = await pipe.ReadAsync(stop);
            byte first = FirstOf(result.Buffer);
            bool isFound = first != 0 || result.IsCompleted;
            pipe.AdvanceTo(result.Buffer.Start, isFound ? result.Buffer.Start : result.Buffer.End);
            if (isFound)
                return first;
        }
    }

    private static byte FirstOf(ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        reader.AdvancePastAny([0xEF, 0xBB, 0xBF, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n']);
        return reader.TryPeek(out byte first) ? first : (byte)0;
    }

    private static async IAsyncEnumerable<Raw> JsonLines(StreamReader text, [EnumeratorCancellation] CancellationToken stop)
    {
        for (int line = 1; await text.ReadLineAsync(stop) is { } current; line++)
        {
            if (!string.IsNullOrWhiteSpace(current))
                yield return ParseJson(line, current);
        }
    }

    private static async IAsyncEnumerable<Raw> JsonList(StreamReader text, [EnumeratorCancellation] CancellationToken stop)
    {
        string whole = await text.ReadToEndAsync(stop);
        JsonElement list;
        try
        {
            list = JsonElement.Parse(whole);
        }
        catch (JsonException e)
        {
            throw new FormatException($"Line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}: not a JSON list. Send a list, JSON lines or CSV.", e);
        }
        int row = 0;
        foreach (var element in list.EnumerateArray())
            yield return new Raw(++row, null, element, null);
    }

    private static Raw ParseJson(int row, string json)
    {
        try
        {
            return new Raw(row, null, JsonElement.Parse(json), null);
        }
        catch (JsonException e)
        {
            return new Raw(row, null, default, $"Character {e.BytePositionInLine + 1}: not JSON. Write one object a line.");
        }
    }

    private static async IAsyncEnumerable<Raw> Csv(StreamReader text, [EnumeratorCancellation] CancellationToken stop)
    {
        string[]? header = null;
        await foreach (var (line, fields) in CsvText.ReadAsync(text, stop))
        {
            if (header is null)
            {
                header = [.. fields.Select(f => f.Trim().TrimStart('\uFEFF').ToLowerInvariant())];
                CheckHeader(header);
            }
            else if (fields.Count != header.Length)
            {
                yield return new Raw(line, null, default, $"Has {fields.Count} fields where the header has {header.Length}. Quote fields that hold commas.");
            }
            else
            {
                yield return FromCsv(line, header.Zip(fields).ToDictionary(f => f.First, f => f.Second.Trim(), StringComparer.Ordinal));
            }
        }
        if (header is null)
            throw new FormatException("The file is empty. Send CSV with a header, JSON lines or a JSON list.");
    }

    private static void CheckHeader(string[] header)
    {
        string? unknown = header.FirstOrDefault(h => !Columns.Contains(h, StringComparer.Ordinal));
        if (unknown is not null)
            throw new FormatException($"The header has '{unknown}', which is no column. Columns: brand, query, engine, site, pattern, weight, topics.");
        if (header.Distinct(StringComparer.Ordinal).Count() != header.Length)
            throw new FormatException("The header names a column twice.");
    }

    private static Raw FromCsv(int line, Dictionary<string, string> fields)
    {
        string? weightText = Field("weight");
        double weight = 1;
        if (weightText is not null && !double.TryParse(weightText, NumberStyles.Float, CultureInfo.InvariantCulture, out weight))
            return new Raw(line, null, default, $"weight: '{weightText}' is not a number.");
        string? patterns = Field("pattern") ?? Field("patterns") ?? Field("pages") ?? Field("url");
        var draft = new TargetDraft
        {
            Brand = Field("brand"),
            Query = Field("query"),
            Engines = Several(Field("engine") ?? Field("engines") ?? ""),
            Site = Field("site"),
            Topics = Several(Field("topics") ?? Field("topic") ?? ""),
            Pages = [.. Several(patterns ?? "").Select(p => new PageDraft(Pattern: p, Weight: weight))],
        };
        return new Raw(line, draft, default, null);

        string? Field(string name) => fields.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>The values of a field that may hold several, separated by <c>;</c> or <c>|</c>; a backslash takes either, or another backslash, literally.</summary>
    private static List<string> Several(string field)
    {
        var values = new List<string>();
        var value = new StringBuilder();
        for (int i = 0; i <= field.Length; i++)
        {
            if (i == field.Length || field[i] is ';' or '|')
            {
                if (value.ToString().Trim() is { Length: > 0 } text)
                    values.Add(text);
                value.Clear();
            }
            else
            {
                bool isEscape = field[i] == '\\' && i + 1 < field.Length && (field[i + 1] is ';' or '|' or '\\');
                value.Append(isEscape ? field[++i] : field[i]);
            }
        }
        return values;
    }

    private readonly record struct Raw(int Row, TargetDraft? Draft, JsonElement Json, string? Error);
}

/// <summary>One row of an import.</summary>
/// <param name="Row">Number of its line in CSV and JSON lines, of its element in a list; from 1.</param>
/// <param name="Targets">The targets that it asks for; none when there are errors.</param>
/// <param name="Errors">What is wrong with it.</param>
public sealed record TargetRow(int Row, IReadOnlyList<NewTarget> Targets, IReadOnlyList<FieldError> Errors);
