namespace Weir.Analytics.Api.Reports;

/// <summary>What the cells of a column are; any cell may also be nothing.</summary>
public enum CellType
{
    /// <summary>A text; of clients' own words where the report says so.</summary>
    Text,

    /// <summary>A whole number, 64 bits.</summary>
    Number,

    /// <summary>A number with a fraction.</summary>
    Fraction,

    /// <summary>A time, to the millisecond.</summary>
    Time,

    /// <summary>Yes or no.</summary>
    Flag,
}

/// <summary>One column of a table; promised to users of its CSV, JSON lines and Parquet forms.</summary>
/// <param name="Name">Name in small letters with underscores; a series has the keys of its lines.</param>
/// <param name="Type">What its cells are. Parquet files keep it, also when there are no rows.</param>
public sealed record Column(string Name, CellType Type)
{
    /// <summary>A column of texts.</summary>
    public static implicit operator Column(string name) => new(name, CellType.Text);

    internal static Column Number(string name) => new(name, CellType.Number);

    internal static Column Fraction(string name) => new(name, CellType.Fraction);

    internal static Column Time(string name) => new(name, CellType.Time);

    internal static Column Flag(string name) => new(name, CellType.Flag);
}
