using System.Text;

namespace Weir.Ingest.ClickHouse;

/// <summary>A column as it travels in ClickHouse's Native format.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as the server writes it.</param>
/// <param name="Width">Bytes of a value; 0 for texts.</param>
/// <param name="IsDictionary">Whether texts travel as numbers into a list of the different ones.</param>
internal sealed record NativeColumn(string Name, string Type, int Width, bool IsDictionary)
{
    /// <summary>Name and type as they stand in front of the column's values.</summary>
    public byte[] Head { get; } = [.. Text(Name), .. Text(Type)];

    /// <summary>The column of a type.</summary>
    /// <exception cref="StoreException">A type of which rows are not known to be in the same bytes.</exception>
    public static NativeColumn Of(string name, string type) => type switch
    {
        "String" => new(name, type, 0, false),
        "LowCardinality(String)" => new(name, type, 0, true),
        _ when WidthOf(type) is > 0 and var width => new(name, type, width, false),
        _ => throw new StoreException($"Column {name} of table hits is of type {type}, which this weir cannot write. Run a weir of the schema's version."),
    };

    private static int WidthOf(string type) => type.AsSpan(0, type.IndexOf('(') is >= 0 and var end ? end : type.Length) switch
    {
        "UInt8" or "Int8" or "Bool" or "Enum8" => 1,
        "UInt16" or "Int16" or "Enum16" or "Date" => 2,
        "UInt32" or "Int32" or "Float32" or "DateTime" or "IPv4" => 4,
        "UInt64" or "Int64" or "Float64" or "DateTime64" => 8,
        "UInt128" or "Int128" or "UUID" or "IPv6" => 16,
        _ => 0,
    };

    private static byte[] Text(string text)
    {
        using var buffer = new RowBuffer();
        buffer.WriteBytes(Encoding.UTF8.GetBytes(text));
        buffer.EndRow();
        return buffer.Slice(0, 1).ToArray();
    }
}
