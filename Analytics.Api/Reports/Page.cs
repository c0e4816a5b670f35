namespace Weir.Analytics.Api.Reports;

/// <summary>Some rows of a list and where the rest begins.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Next">Give it as <c>cursor</c> to get what follows; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Something that can also be written as a table.</summary>
public interface ITable
{
    /// <summary>Column names; promised to users of the CSV form.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Cells of each row, as many as columns: texts, numbers, times or null.</summary>
    IEnumerable<object?[]> Rows { get; }
}
