using System.Globalization;

namespace Weir.Ingest.Embedded.Server;

/// <summary>An error to be told in ClickHouse's words, with the HTTP status that its server would give.</summary>
internal sealed class ClickHouseException(int code, string text) : Exception(text)
{
    public ClickHouseException() : this(1001, "Code: 1001. DB::Exception: Unknown.") { }
    public ClickHouseException(string message) : this(CodeOf(message), message) { }
    public ClickHouseException(string message, Exception inner) : this(CodeOf(message), message) => _ = inner;

    /// <summary>ClickHouse's number of the error.</summary>
    public int Code => code;

    /// <summary>HTTP status, as in ClickHouse's exceptionCodeToHTTPStatus.</summary>
    public int Status => code switch
    {
        194 => 401,
        192 or 193 or 512 or 516 => 403,
        159 => 408,
        168 => 413,
        46 or 47 or 50 or 56 or 60 or 63 or 73 or 78 or 81 or 115 or 372 => 404,
        6 or 8 or 25 or 26 or 27 or 36 or 38 or 41 or 43 or 44 or 53 or 62 or 72 or 117 or 321 or 376 or 427 or 441 or 457
            or 675 or 676 => 400,
        48 => 501,
        209 or 439 => 503,
        _ => 500,
    };

    /// <summary>Makes an error of our own.</summary>
    public static ClickHouseException Of(int code, string name, string what) =>
        new(code, $"Code: {code}. DB::Exception: {what} ({name})");

    /// <summary>Makes an error of the engine's text.</summary>
    public static ClickHouseException FromEngine(string text)
    {
        // A statement that the stream call refuses before it looks at it has no code of its own.
        if (!text.StartsWith("Code: ", StringComparison.Ordinal)) return Of(62, "SYNTAX_ERROR", text);
        return new ClickHouseException(CodeOf(text), text);
    }

    static int CodeOf(string text)
    {
        const string Prefix = "Code: ";
        int end = text.IndexOf('.', StringComparison.Ordinal);
        return text.StartsWith(Prefix, StringComparison.Ordinal) && end > Prefix.Length
            && int.TryParse(text.AsSpan(Prefix.Length, end - Prefix.Length), CultureInfo.InvariantCulture, out int code) ? code : 1001;
    }
}
