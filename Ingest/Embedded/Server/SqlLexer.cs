using System.Text;

namespace Weir.Ingest.Embedded.Server;

/// <summary>Kinds of token that tell statements apart; everything else is a symbol.</summary>
internal enum SqlTokenKind : byte
{
    /// <summary>No token is left.</summary>
    End,

    /// <summary>The text stops inside a comment or quotation, or at a word that more text could lengthen.</summary>
    Cut,
    Word,
    Quoted,
    Symbol,
}

/// <summary>A token's place in the text.</summary>
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int End);

/// <summary>Splits ClickHouse SQL into tokens: words, quotations with their escapes, here-documents; skips comments.</summary>
/// <remarks>Knows less than the engine's lexer on purpose. What it gets wrong the engine refuses: see <see cref="InsertStatement"/>.</remarks>
internal ref struct SqlLexer(ReadOnlySpan<byte> text)
{
    readonly ReadOnlySpan<byte> _text = text;
    int _at;

    /// <summary>The next token.</summary>
    public SqlToken Next()
    {
        if (!SkipBlanksAndComments()) return new SqlToken(SqlTokenKind.Cut, _at, _text.Length);
        int start = _at;
        if (start >= _text.Length) return new SqlToken(SqlTokenKind.End, start, start);
        byte c = _text[start];
        if (c is (byte)'\'' or (byte)'"' or (byte)'`') return Quotation(c);
        if (IsWord(c)) return Word();
        if (c == '$' && HereDocument() is { } document) return document;
        _at++;
        return new SqlToken(SqlTokenKind.Symbol, start, _at);
    }

    /// <summary>Whether a token is this keyword, in any case.</summary>
    public readonly bool Is(SqlToken token, string keyword) =>
        token.Kind == SqlTokenKind.Word && Ascii.EqualsIgnoreCase(_text[token.Start..token.End], keyword);

    /// <summary>Whether a token is this one-character symbol.</summary>
    public readonly bool Is(SqlToken token, char symbol) => token.Kind == SqlTokenKind.Symbol && _text[token.Start] == symbol;

    static bool IsWord(byte c) => char.IsAsciiLetterOrDigit((char)c) || c == '_' || c >= 0x80;

    // 0 is white space to the engine's lexer too.
    static bool IsBlank(byte c) => c is 0 or (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or (byte)'\v';

    // False: the text stops inside a comment.
    bool SkipBlanksAndComments()
    {
        while (_at < _text.Length)
        {
            ReadOnlySpan<byte> rest = _text[_at..];
            if (IsBlank(rest[0])) _at++;
            else if (rest.StartsWith("--"u8) || rest.StartsWith("#!"u8) || rest.StartsWith("# "u8))
            {
                int end = rest.IndexOf((byte)'\n');
                _at = end < 0 ? _text.Length : _at + end + 1;
            }
            else if (rest.StartsWith("/*"u8))
            {
                if (!SkipNestedComment()) return false;
            }
            else break;
        }
        return true;
    }

    bool SkipNestedComment()
    {
        int depth = 0;
        for (int i = _at; i + 1 < _text.Length; i++)
        {
            if (_text[i] == '/' && _text[i + 1] == '*') (depth, i) = (depth + 1, i + 1);
            else if (_text[i] == '*' && _text[i + 1] == '/') (depth, i) = (depth - 1, i + 1);
            if (depth != 0) continue;
            _at = i + 1;
            return true;
        }
        return false;
    }

    SqlToken Word()
    {
        int start = _at;
        while (_at < _text.Length && (IsWord(_text[_at]) || _text[_at] == '$')) _at++;
        return new SqlToken(SqlTokenKind.Word, start, _at);
    }

    SqlToken Quotation(byte quote)
    {
        int start = _at;
        for (int i = start + 1; i < _text.Length; i++)
        {
            if (_text[i] == '\\') i++;
            else if (_text[i] == quote)
            {
                if (i + 1 < _text.Length && _text[i + 1] == quote) { i++; continue; }
                _at = i + 1;
                return new SqlToken(SqlTokenKind.Quoted, start, _at);
            }
        }
        return new SqlToken(SqlTokenKind.Cut, start, _text.Length);
    }

    // $tag$ any text $tag$; null when it is not one.
    SqlToken? HereDocument()
    {
        int start = _at;
        ReadOnlySpan<byte> rest = _text[start..];
        int tagEnd = 1;
        while (tagEnd < rest.Length && IsWord(rest[tagEnd])) tagEnd++;
        if (tagEnd >= rest.Length || rest[tagEnd] != '$') return null;
        ReadOnlySpan<byte> tag = rest[..(tagEnd + 1)];
        int close = rest[tag.Length..].IndexOf(tag);
        if (close < 0) return new SqlToken(SqlTokenKind.Cut, start, _text.Length);
        _at = start + (tag.Length * 2) + close;
        return new SqlToken(SqlTokenKind.Quoted, start, _at);
    }
}
