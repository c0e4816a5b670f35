namespace Weir.Detection.Claims;

/// <summary>What a piece of a user agent is.</summary>
internal enum PieceKind : byte
{
    /// <summary>A name, with a version or without.</summary>
    Product = 0,

    /// <summary>Something in round or square brackets.</summary>
    Comment = 1,

    /// <summary>A separator that stands outside any bracket, where the grammar has none.</summary>
    Separator = 2,
}

/// <summary>
/// Walks a user agent by the grammar of RFC 9110, section 10.1.5: products and bracketed comments, parted by blanks. Takes any text: what is
/// no product and no comment is passed over. One pass, no allocation.
/// </summary>
internal ref struct UserAgentProducts
{
    private readonly ReadOnlySpan<char> _text;
    private readonly char _blank;
    private int _at;

    /// <param name="text">Any text.</param>
    public UserAgentProducts(ReadOnlySpan<char> text)
    {
        _text = text;
        // Some servers log a plus for each blank.
        _blank = text.Contains(' ') ? ' ' : '+';
    }

    /// <summary>What was reached.</summary>
    public PieceKind Kind { get; private set; }

    /// <summary>The product's name, or what stands in the brackets.</summary>
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>What stands behind the product's slash; empty without.</summary>
    public ReadOnlySpan<char> Version { get; private set; }

    /// <summary>Whether the comment's bracket is closed. True for a product.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Goes to the next piece.</summary>
    public bool MoveNext()
    {
        while (_at < _text.Length && (_text[_at] == _blank || _text[_at] is '\t' or ')' or ']'))
            _at++;
        if (_at >= _text.Length)
            return false;
        char first = _text[_at];
        if (first is '(' or '[')
            ReadComment(first, first == '(' ? ')' : ']');
        else if (first is ';' or ',')
            ReadSeparator();
        else
            ReadProduct();
        return true;
    }

    /// <summary>Cuts the next part off a comment, at its semicolons.</summary>
    public static bool TryCutItem(ref ReadOnlySpan<char> comment, out ReadOnlySpan<char> item)
    {
        if (comment.IsEmpty)
        {
            item = default;
            return false;
        }
        int end = comment.IndexOf(';');
        item = (end < 0 ? comment : comment[..end]).Trim(" +");
        comment = end < 0 ? default : comment[(end + 1)..];
        return true;
    }

    private void ReadComment(char open, char close)
    {
        Kind = PieceKind.Comment;
        Version = default;
        int start = ++_at, depth = 1;
        while (depth > 0)
        {
            int found = _text[_at..].IndexOfAny(open, close);
            if (found < 0)
            {
                IsClosed = false;
                Name = _text[start..];
                _at = _text.Length;
                return;
            }
            _at += found + 1;
            depth += _text[_at - 1] == open ? 1 : -1;
        }
        IsClosed = true;
        Name = _text[start..(_at - 1)];
    }

    private void ReadSeparator()
    {
        Kind = PieceKind.Separator;
        Name = _text.Slice(_at++, 1);
        Version = default;
        IsClosed = true;
    }

    private void ReadProduct()
    {
        Kind = PieceKind.Product;
        IsClosed = true;
        var rest = _text[_at..];
        int end = _blank == ' ' ? rest.IndexOfAny(" ([;,") : rest.IndexOfAny("+([;,");
        var word = end < 0 ? rest : rest[..end];
        _at += word.Length;
        // Two browsers write their version behind another sign: "android@4.6", "Ghostery:89.0".
        int slash = word.IndexOfAny('/', '@', ':');
        Name = slash < 0 ? word : word[..slash];
        Version = slash < 0 ? default : word[(slash + 1)..];
    }
}
