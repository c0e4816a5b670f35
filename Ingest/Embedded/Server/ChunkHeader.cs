namespace Weir.Ingest.Embedded.Server;

/// <summary>Which formats may be sent chunk by chunk, and how long the header is that every chunk repeats.</summary>
internal static class ChunkHeader
{
    /// <summary>Formats whose chunks, joined, are the whole result (after headers are cut).</summary>
    public static bool IsStreamable(string format) => format.ToUpperInvariant() switch
    {
        "ROWBINARY" or "ROWBINARYWITHNAMES" or "ROWBINARYWITHNAMESANDTYPES" or "NATIVE" => true,
        "TABSEPARATED" or "TSV" or "TABSEPARATEDRAW" or "TSVRAW" or "TABSEPARATEDWITHNAMES" or "TSVWITHNAMES" => true,
        "TABSEPARATEDWITHNAMESANDTYPES" or "TSVWITHNAMESANDTYPES" => true,
        "TABSEPARATEDRAWWITHNAMES" or "TSVRAWWITHNAMES" or "TABSEPARATEDRAWWITHNAMESANDTYPES" or "TSVRAWWITHNAMESANDTYPES" => true,
        "CSV" or "CSVWITHNAMES" or "CSVWITHNAMESANDTYPES" => true,
        "JSONEACHROW" or "JSONLINES" or "NDJSON" or "JSONSTRINGSEACHROW" or "JSONCOMPACTEACHROW" or "JSONCOMPACTSTRINGSEACHROW" => true,
        "JSONCOMPACTEACHROWWITHNAMES" or "JSONCOMPACTEACHROWWITHNAMESANDTYPES" => true,
        "JSONCOMPACTSTRINGSEACHROWWITHNAMES" or "JSONCOMPACTSTRINGSEACHROWWITHNAMESANDTYPES" => true,
        _ => false,
    };

    /// <summary>Length of the header at the beginning of a chunk; 0 for formats without one.</summary>
    public static int Measure(string format, ReadOnlySpan<byte> chunk)
    {
        string name = format.ToUpperInvariant();
        int lines = name.EndsWith("WITHNAMESANDTYPES", StringComparison.Ordinal) ? 2
            : name.EndsWith("WITHNAMES", StringComparison.Ordinal) ? 1 : 0;
        if (lines == 0) return 0;
        if (name.StartsWith("ROWBINARY", StringComparison.Ordinal)) return MeasureBinary(chunk, withTypes: lines == 2);
        return MeasureLines(chunk, lines, quote: name[0] == 'C' ? (byte)'"' : (byte)0);
    }

    // Varint number of columns, then that many names (and types), each with its varint length.
    static int MeasureBinary(ReadOnlySpan<byte> chunk, bool withTypes)
    {
        int at = 0;
        if (!TryVarint(chunk, ref at, out ulong columns) || columns > int.MaxValue) return 0;
        for (ulong left = withTypes ? columns * 2 : columns; left > 0; left--)
        {
            if (!TryVarint(chunk, ref at, out ulong bytes) || bytes > (ulong)(chunk.Length - at)) return 0;
            at += (int)bytes;
        }
        return at;
    }

    static bool TryVarint(ReadOnlySpan<byte> chunk, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 63 && at < chunk.Length; shift += 7)
        {
            byte b = chunk[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return true;
        }
        return false;
    }

    // A column's name may hold a line break: inside quotes in CSV, escaped in the other formats.
    static int MeasureLines(ReadOnlySpan<byte> chunk, int lines, byte quote)
    {
        bool isQuoted = false;
        for (int i = 0; i < chunk.Length; i++)
        {
            if (quote != 0 && chunk[i] == quote) isQuoted = !isQuoted;
            else if (chunk[i] == '\n' && !isQuoted && --lines == 0) return i + 1;
        }
        return 0;
    }
}
