using System.Text;

namespace Weir.Ingest.Embedded.Server;

/// <summary>What the beginning of a request's text is.</summary>
internal enum TextKind : byte
{
    /// <summary>More of the text is needed to tell.</summary>
    Unclear,

    /// <summary>Anything that carries no data of its own, INSERT … SELECT among it.</summary>
    Query,

    /// <summary>INSERT with data that follow.</summary>
    InsertWithData,

    /// <summary>INSERT … FROM INFILE, which would read this machine's files.</summary>
    LocalFile,
}

/// <summary>Where the SQL of an INSERT stops and its data begin.</summary>
/// <param name="Kind">What it is; the other fields hold for <see cref="TextKind.InsertWithData"/> only.</param>
/// <param name="SqlBytes">Length of the statement without FORMAT or VALUES.</param>
/// <param name="Format">Format named in the statement; null when it names none.</param>
/// <param name="DataStart">First byte of the data.</param>
/// <remarks>
/// Data begin as in ClickHouse: after the format's name, blanks and at most one line break; after VALUES at once.
/// A wrong split cannot run data as SQL: what goes to the insert stream must parse as one INSERT, and what goes to the
/// query call must be one statement in the eyes of the engine's parser.
/// </remarks>
internal readonly record struct InsertStatement(TextKind Kind, int SqlBytes = 0, string? Format = null, int DataStart = 0)
{
    static readonly InsertStatement Unclear = new(TextKind.Unclear);
    static readonly InsertStatement Query = new(TextKind.Query);

    /// <summary>Reads the beginning of a request's text.</summary>
    /// <param name="text">The text, or as much of it as has come.</param>
    /// <param name="isWhole">Whether nothing follows.</param>
    public static InsertStatement Read(ReadOnlySpan<byte> text, bool isWhole)
    {
        SqlLexer lexer = new(text);
        SqlToken token = lexer.Next();
        if (!isWhole && (token.Kind is SqlTokenKind.Cut or SqlTokenKind.End || token.End == text.Length)) return Unclear;
        if (!lexer.Is(token, "INSERT")) return Query;
        return AfterInsert(ref lexer, text, isWhole);
    }

    static InsertStatement AfterInsert(ref SqlLexer lexer, ReadOnlySpan<byte> text, bool isWhole)
    {
        if (!TrySkipTarget(ref lexer, out SqlToken token)) return isWhole ? Query : Unclear;
        for (int depth = 0; ; token = lexer.Next())
        {
            if (!isWhole && token.End == text.Length) return Unclear;
            switch (token.Kind)
            {
                case SqlTokenKind.Cut:
                    return Query;
                case SqlTokenKind.End:
                    return new InsertStatement(TextKind.InsertWithData, text.Length, null, text.Length);
                case SqlTokenKind.Symbol when text[token.Start] == '(':
                    depth++;
                    break;
                case SqlTokenKind.Symbol when text[token.Start] == ')':
                    depth--;
                    break;
            }
            if (lexer.Is(token, "SELECT") || lexer.Is(token, "WITH") || lexer.Is(token, "WATCH")) return Query;
            if (depth > 0) continue;
            if (lexer.Is(token, "FROM")) return new InsertStatement(TextKind.LocalFile);
            if (lexer.Is(token, "VALUES"))
                return new InsertStatement(TextKind.InsertWithData, token.Start, "Values", token.End);
            if (lexer.Is(token, "FORMAT")) return AfterFormat(ref lexer, text, isWhole, token.Start);
        }
    }

    // INTO, TABLE and FUNCTION are optional, and a table may be called format, values or select: the name is passed over.
    static bool TrySkipTarget(ref SqlLexer lexer, out SqlToken next)
    {
        SqlToken token = lexer.Next();
        foreach (string keyword in (ReadOnlySpan<string>)["INTO", "TABLE", "FUNCTION"])
            if (lexer.Is(token, keyword)) token = lexer.Next();
        while (true)
        {
            if (lexer.Is(token, '{'))
            {
                do token = lexer.Next();
                while (token.Kind is not (SqlTokenKind.End or SqlTokenKind.Cut) && !lexer.Is(token, '}'));
            }
            next = token.Kind is SqlTokenKind.End or SqlTokenKind.Cut ? token : lexer.Next();
            if (!lexer.Is(next, '.')) return token.Kind is not (SqlTokenKind.End or SqlTokenKind.Cut);
            token = lexer.Next();
        }
    }

    static InsertStatement AfterFormat(ref SqlLexer lexer, ReadOnlySpan<byte> text, bool isWhole, int sqlBytes)
    {
        SqlToken name = lexer.Next();
        if (name.Kind != SqlTokenKind.Word) return isWhole || name.Kind is not (SqlTokenKind.End or SqlTokenKind.Cut) ? Query : Unclear;
        int at = name.End;
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\f') at++;
        if (at < text.Length && text[at] == '\r') at++;
        if (at == text.Length && !isWhole) return Unclear;
        if (at < text.Length && text[at] == '\n') at++;
        return new InsertStatement(TextKind.InsertWithData, sqlBytes, Encoding.UTF8.GetString(text[name.Start..name.End]), at);
    }
}
