using System.Globalization;
using System.Text.Json;

namespace Weir.Scheduling.Targets;

/// <summary>Writes targets so that an import reads them back as they are.</summary>
public sealed class TargetExport(ITargets targets)
{
    private const int PageSize = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        // Queries are in every language, and the file is data, never part of a page.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes CSV: a row for each page of each target, and one for a target that has topics alone.</summary>
    public async Task WriteCsvAsync(Reach reach, TextWriter to, CancellationToken stop)
    {
        await to.WriteAsync("brand,query,engine,site,pattern,weight,topics\r\n");
        await foreach (var target in ReadAsync(reach, stop))
        {
            string begin = $"{Field(target.Brand)},{Field(target.Query)},{Field(Escaped(target.Engine))},";
            string end = $",{Field(string.Join(';', target.Topics.Select(Escaped)))}\r\n";
            if (target.Pages.Count == 0)
                await to.WriteAsync($"{begin},,{end}");
            foreach (var page in target.Pages)
                await to.WriteAsync($"{begin}{page.Site},{Field(Escaped(page.Pattern))},{page.Weight.ToString("R", CultureInfo.InvariantCulture)}{end}");
        }
    }

    /// <summary>Writes JSON lines: a target a line.</summary>
    public async Task WriteJsonLinesAsync(Reach reach, TextWriter to, CancellationToken stop)
    {
        await foreach (var target in ReadAsync(reach, stop))
        {
            await to.WriteAsync(JsonSerializer.Serialize(new
            {
                target.Brand,
                target.Query,
                target.Engine,
                target.Topics,
                Pages = target.Pages.Select(p => new { Site = p.Site.Value, p.Pattern, p.Weight }),
            }, Json));
            await to.WriteAsync('\n');
        }
    }

    private async IAsyncEnumerable<Target> ReadAsync(Reach reach, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        long after = 0;
        while (await targets.ListAsync(reach, after, PageSize, stop) is { Count: > 0 } page)
        {
            foreach (var target in page)
                yield return target;
            after = page[^1].Id;
        }
    }

    private static string Field(string text) => text.AsSpan().ContainsAny(",\"\r\n") || text != text.Trim() ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    // What separates several values of one field; see TargetRows.
    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(";", "\\;", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);
}
