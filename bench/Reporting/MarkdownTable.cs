using System.Text;

namespace Weir.Reporting;

/// <summary>Rows of texts as a Markdown table.</summary>
/// <param name="columns">The heads.</param>
public sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; a cell a column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The table, first column to the left and the others to the right, with a blank line behind.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        AppendRow(text, columns);
        AppendRow(text, columns.Select((_, i) => i == 0 ? "---" : "---:"));
        foreach (var row in _rows)
            AppendRow(text, row);
        return text.Append('\n').ToString();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
}
