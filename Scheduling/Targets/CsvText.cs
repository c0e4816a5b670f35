using System.Runtime.CompilerServices;
using System.Text;

namespace Weir.Scheduling.Targets;

/// <summary>Reads comma-separated values as RFC 4180 writes them: quoted fields may hold commas, line breaks and doubled quotes.</summary>
public static class CsvText
{
    // A row of a target holds a question and some paths; more than this is a file with an open quote.
    private const int MaxFieldLength = 1 << 16;

    /// <summary>The rows of a text, each with the number of the line that it starts on. Empty lines are left out.</summary>
    /// <exception cref="FormatException">A quote is never closed, or a field is longer than 65,536 characters.</exception>
    public static async IAsyncEnumerable<(int Line, IReadOnlyList<string> Fields)> ReadAsync(
        TextReader text, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        int line = 0;
        int start = 0;
        bool isQuoted = false;
        while (await text.ReadLineAsync(stop) is { } current)
        {
            line++;
            if (isQuoted)
                field.Append('\n');
            else
                start = line;
            isQuoted = Scan(current, fields, field, isQuoted);
            if (field.Length > MaxFieldLength)
                throw new FormatException($"Line {start}: a field has more than {MaxFieldLength} characters. Is a quote never closed?");
            if (isQuoted)
                continue;
            if (fields.Count > 0 || field.Length > 0)
                yield return (start, [.. fields, Take(field)]);
            fields.Clear();
        }
        if (isQuoted)
            throw new FormatException($"Line {start}: a quote is never closed.");
    }

    /// <summary>Takes one line apart; returns whether it ends within quotes.</summary>
    private static bool Scan(string line, List<string> fields, StringBuilder field, bool isQuoted)
    {
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"')
            {
                bool isDoubled = isQuoted && i + 1 < line.Length && line[i + 1] == '"';
                if (isDoubled)
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = !isQuoted;
                }
            }
            else if (c == ',' && !isQuoted)
            {
                fields.Add(Take(field));
            }
            else
            {
                field.Append(c);
            }
        }
        return isQuoted;
    }

    private static string Take(StringBuilder field)
    {
        string text = field.ToString();
        field.Clear();
        return text;
    }
}
