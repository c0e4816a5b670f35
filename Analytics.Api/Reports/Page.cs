namespace Weir.Analytics.Api.Reports;

/// <summary>Some rows of a list and where the rest begins.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Next">Give it as <c>cursor</c> to get what follows; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next) : IPage;

/// <summary>What every page has, whatever its rows are.</summary>
internal interface IPage
{
    /// <summary>As of <see cref="Page{T}"/>.</summary>
    string? Next { get; }
}

/// <summary>Something that can also be written as a table.</summary>
public interface ITable
{
    /// <summary>Columns in their order.</summary>
    IReadOnlyList<Column> Columns { get; }

    /// <summary>Cells of each row, as many as columns: each of its column's type, or null.</summary>
    IEnumerable<object?[]> Rows { get; }
}
