using System.Text;

namespace Weir.Ingest.Embedded.Server;

/// <summary>What the handler must know of a statement without data before it runs it.</summary>
/// <param name="IsSelect">Begins as a SELECT does; only those can be fetched in chunks.</param>
/// <param name="Format">Format that the statement names itself, or null.</param>
/// <param name="NeedsWholeResult">Totals, or settings of output formats, which chunks formatted one by one would break.</param>
/// <param name="UsesLocalFiles">INTO OUTFILE, which would write this machine's files.</param>
internal readonly record struct QueryShape(bool IsSelect, string? Format, bool NeedsWholeResult, bool UsesLocalFiles)
{
    /// <summary>Reads a whole statement.</summary>
    public static QueryShape Of(ReadOnlySpan<byte> text)
    {
        SqlLexer lexer = new(text);
        SqlToken token = lexer.Next(), previous = default, beforePrevious = default;
        bool isSelect = lexer.Is(token, "SELECT") || lexer.Is(token, "WITH") || lexer.Is(token, "FROM") || lexer.Is(token, '(');
        bool needsWhole = false, usesFiles = false;
        string? format = null;
        for (int depth = 0; token.Kind is not (SqlTokenKind.End or SqlTokenKind.Cut); token = lexer.Next())
        {
            if (lexer.Is(token, '(')) depth++;
            if (lexer.Is(token, ')')) depth--;
            needsWhole |= lexer.Is(token, "TOTALS") || IsOutputSetting(text, token);
            if (depth <= 0)
            {
                usesFiles |= lexer.Is(token, "OUTFILE") && lexer.Is(previous, "INTO");
                // SELECT format FROM t: only a word pair that nothing but SETTINGS follows is the clause.
                if (lexer.Is(token, "SETTINGS") && lexer.Is(beforePrevious, "FORMAT")) format = Text(text, previous);
            }
            if (lexer.Is(token, ';')) continue;
            (beforePrevious, previous) = (previous, token);
        }
        if (lexer.Is(beforePrevious, "FORMAT") && previous.Kind == SqlTokenKind.Word) format = Text(text, previous);
        return new QueryShape(isSelect, format, needsWhole, usesFiles);
    }

    /// <summary>Whether a statement is SET or USE, which change nothing beyond their session.</summary>
    public static bool IsSessionStatement(ReadOnlySpan<byte> text)
    {
        SqlLexer lexer = new(text);
        SqlToken token = lexer.Next();
        return lexer.Is(token, "SET") || lexer.Is(token, "USE");
    }

    static bool IsOutputSetting(ReadOnlySpan<byte> text, SqlToken token) =>
        token.Kind == SqlTokenKind.Word && token.End - token.Start > 7
        && (text[token.Start..].StartsWith("output_format"u8) || text[token.Start..].StartsWith("format_"u8)
            || text[token.Start..].StartsWith("extremes"u8));

    static string Text(ReadOnlySpan<byte> text, SqlToken token) => Encoding.UTF8.GetString(text[token.Start..token.End]);
}
