using System.Globalization;
using System.Text;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Writes tables as CSV (RFC 4180), safe to open in a spreadsheet.</summary>
public static class Csv
{
    // What makes a spreadsheet read a text as a formula (OWASP, CSV Injection); an apostrophe in front turns it into text.
    private const string FormulaStarts = "=+-@\t\r\n＝＋－＠";

    internal static string Write(ITable table)
    {
        var text = new StringBuilder();
        WriteRow(text, [.. table.Columns.Select(c => (object)c.Name)]);
        foreach (object?[] row in table.Rows)
            WriteRow(text, row);
        return text.ToString();
    }

    /// <summary>Writes one row.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="cells">Texts, times, numbers and nothing.</param>
    public static void WriteRow(StringBuilder text, object?[] cells)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                text.Append(',');
            WriteCell(text, cells[i]);
        }
        text.Append("\r\n");
    }

    private static void WriteCell(StringBuilder text, object? cell)
    {
        switch (cell)
        {
            case null:
                break;
            case string word:
                WriteText(text, word);
                break;
            case DateTimeOffset time:
                text.Append(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{cell}");
                break;
        }
    }

    private static void WriteText(StringBuilder text, string word)
    {
        if (word.Length == 0)
            return;
        bool isFormula = FormulaStarts.Contains(word[0]);
        bool needsQuotes = isFormula || word.AsSpan().IndexOfAny(",\"\r\n") >= 0;
        if (needsQuotes)
            text.Append('"');
        if (isFormula)
            text.Append('\'');
        text.Append(word.Replace("\"", "\"\"", StringComparison.Ordinal));
        if (needsQuotes)
            text.Append('"');
    }
}
