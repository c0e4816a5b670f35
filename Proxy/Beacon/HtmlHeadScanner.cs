using System.Buffers;
using System.Text;

namespace Weir.Proxy.Beacon;

/// <summary>Finds the place of a tag in a page that passes in pieces: before the end of its head, or before its body where it comes first. For
/// one page.</summary>
/// <remarks>
/// Reads tags, attributes, comments and raw text (script, style, title, textarea) as the HTML standard's tokenizer does, so that what only looks
/// like the end of the head is passed by. Where the standard has more to it than that (escaped scripts, templates, foreign content), it
/// gives up rather than guess; so it does at a page's own Content-Security-Policy, and behind 64 KiB.
/// </remarks>
internal sealed class HtmlHeadScanner
{
    /// <summary>Bytes that are looked at.</summary>
    public const int BytesMax = 64 * 1024;

    private const int NameMax = 10;
    private const int MetaBytesMax = 512;

    // What ends a tag's name.
    private static readonly SearchValues<byte> NameEnds = SearchValues.Create("\t\n\f\r />"u8);

    private readonly byte[] _meta = new byte[MetaBytesMax];
    private State _state;
    private string _raw = "";
    private string _next = "";
    private int _metaLength = -1;
    private int _dashes;
    private int _scanned;

    private enum State : byte
    {
        Text,
        Comment,
        Markup,
        Raw,
        TagName,
        BeforeName,
        Name,
        AfterName,
        BeforeValue,
        DoubleQuoted,
        SingleQuoted,
        Unquoted,
    }

    /// <summary>Whether the place was found or is not looked for any more.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether it gave up at the page's own Content-Security-Policy.</summary>
    public bool MetPolicy { get; private set; }

    /// <summary>Looks at the next piece.</summary>
    /// <param name="bytes">What was held, and what is new.</param>
    /// <param name="taken">Bytes that may go on; the others must be given again with more behind them.</param>
    /// <returns>The place in <paramref name="bytes"/>; −1 when it is not among them.</returns>
    public int Scan(ReadOnlySpan<byte> bytes, out int taken)
    {
        int at = 0;
        while (at < bytes.Length && !IsDone)
        {
            var (before, state) = (at, _state);
            int place = _state switch
            {
                State.Text => Text(bytes, ref at),
                State.Raw => Raw(bytes, ref at),
                State.Comment => Comment(bytes, ref at),
                State.Markup => Markup(bytes, ref at),
                State.TagName => TagName(bytes, ref at),
                _ => Attribute(bytes[at++]),
            };
            if (place >= 0)
            {
                IsDone = true;
                taken = bytes.Length;
                return place;
            }
            if (at == before && _state == state)
                break;
        }
        _scanned += at;
        if (_scanned >= BytesMax)
            IsDone = true;
        taken = IsDone ? bytes.Length : at;
        return -1;
    }

    private int Text(ReadOnlySpan<byte> bytes, ref int at)
    {
        int found = bytes[at..].IndexOfAny((byte)'<', (byte)0);
        if (found < 0)
        {
            at = bytes.Length;
            return -1;
        }
        at += found;
        if (bytes[at] == 0)
        {
            // UTF-16, or no text at all.
            IsDone = true;
            return -1;
        }
        var rest = bytes[at..];
        if (rest.Length < 2)
            return -1;
        if (rest[1] is (byte)'!' or (byte)'?')
            return Declaration(rest, ref at);
        bool isEnd = rest[1] == '/';
        int name = isEnd ? 2 : 1;
        if (rest.Length <= name)
            return -1;
        if (!IsLetter(rest[name]))
        {
            _state = isEnd ? State.Markup : State.Text;
            at += name;
            return -1;
        }
        int length = rest[name..].IndexOfAny(NameEnds);
        if (length < 0 && rest.Length - name <= NameMax)
            return -1;
        if (length < 0)
        {
            // None of ours is so long; it goes on in the next piece.
            _state = State.TagName;
            at += rest.Length;
            return -1;
        }
        return Tag(Lower(rest.Slice(name, Math.Min(length, NameMax + 1))), isEnd, ref at, name + length);
    }

    private int Declaration(ReadOnlySpan<byte> rest, ref int at)
    {
        var begin = "<!--"u8;
        if (rest.StartsWith(begin))
        {
            (_state, _dashes) = (State.Comment, 2);
            at += begin.Length;
        }
        else if (!begin.StartsWith(rest))
        {
            _state = State.Markup;
            at += 2;
        }
        return -1;
    }

    private int Tag(string name, bool isEnd, ref int at, int length)
    {
        if (name == (isEnd ? "head" : "body"))
            return at;
        if (!isEnd && name is "template" or "svg" or "math" or "frameset" or "plaintext" or "xmp" or "iframe" or "noframes" or "select" or "noembed")
        {
            IsDone = true;
            return -1;
        }
        _next = !isEnd && name is "script" or "style" or "title" or "textarea" ? name : "";
        _metaLength = !isEnd && name == "meta" ? 0 : -1;
        _state = State.BeforeName;
        at += length;
        return -1;
    }

    private int TagName(ReadOnlySpan<byte> bytes, ref int at)
    {
        int end = bytes[at..].IndexOfAny(NameEnds);
        at = end < 0 ? bytes.Length : at + end;
        if (end >= 0)
            _state = State.BeforeName;
        return -1;
    }

    private int Raw(ReadOnlySpan<byte> bytes, ref int at)
    {
        int found = bytes[at..].IndexOf((byte)'<');
        if (found < 0)
        {
            at = bytes.Length;
            return -1;
        }
        at += found;
        var rest = bytes[at..];
        if (_raw == "script" && rest.Length >= 4 && rest.StartsWith("<!--"u8))
        {
            IsDone = true;
            return -1;
        }
        int needed = 2 + _raw.Length + 1;
        if (rest.Length < needed && !(rest.Length >= 2 && rest[1] is not ((byte)'/' or (byte)'!')))
            return -1;
        bool isEnd = rest.Length >= needed && rest[1] == '/' && Ascii.EqualsIgnoreCase(rest.Slice(2, _raw.Length), _raw)
            && NameEnds.Contains(rest[needed - 1]);
        if (isEnd)
        {
            (_state, _next) = (State.BeforeName, "");
            at += needed - 1;
        }
        else
        {
            at++;
        }
        return -1;
    }

    private int Comment(ReadOnlySpan<byte> bytes, ref int at)
    {
        for (; at < bytes.Length; at++)
        {
            switch (bytes[at])
            {
                case (byte)'-':
                    _dashes = _dashes < 0 ? 1 : _dashes + 1;
                    break;
                case (byte)'!' when _dashes >= 2:
                    _dashes = -1;
                    break;
                case (byte)'>' when _dashes is >= 2 or < 0:
                    _state = State.Text;
                    at++;
                    return -1;
                default:
                    _dashes = 0;
                    break;
            }
        }
        return -1;
    }

    private int Markup(ReadOnlySpan<byte> bytes, ref int at)
    {
        int end = bytes[at..].IndexOf((byte)'>');
        at = end < 0 ? bytes.Length : at + end + 1;
        if (end >= 0)
            _state = State.Text;
        return -1;
    }

    private int Attribute(byte c)
    {
        if (_metaLength >= 0 && !Keep(c))
            return -1;
        bool isBlank = c is (byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r' or (byte)' ';
        if (c == '>' && _state is not (State.DoubleQuoted or State.SingleQuoted))
            return EndTag();
        _state = _state switch
        {
            State.BeforeName => isBlank || c == '/' ? State.BeforeName : State.Name,
            State.Name => isBlank ? State.AfterName : c == '/' ? State.BeforeName : c == '=' ? State.BeforeValue : State.Name,
            State.AfterName => isBlank ? State.AfterName : c == '/' ? State.BeforeName : c == '=' ? State.BeforeValue : State.Name,
            State.BeforeValue => isBlank ? State.BeforeValue : c == '"' ? State.DoubleQuoted : c == '\'' ? State.SingleQuoted : State.Unquoted,
            State.DoubleQuoted => c == '"' ? State.BeforeName : State.DoubleQuoted,
            State.SingleQuoted => c == '\'' ? State.BeforeName : State.SingleQuoted,
            _ => isBlank ? State.BeforeName : State.Unquoted,
        };
        return -1;
    }

    private bool Keep(byte c)
    {
        if (_metaLength == MetaBytesMax)
        {
            IsDone = true;
            return false;
        }
        _meta[_metaLength++] = c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
        return true;
    }

    private int EndTag()
    {
        // Written with character references it would be missed; a browser then refuses the script, and the page is whole all the same.
        if (_metaLength > 0 && _meta.AsSpan(0, _metaLength).IndexOf("content-security-policy"u8) >= 0)
            IsDone = MetPolicy = true;
        (_raw, _state) = (_next, _next.Length > 0 ? State.Raw : State.Text);
        _metaLength = -1;
        return -1;
    }

    private static bool IsLetter(byte c) => (c | 0x20) is >= 'a' and <= 'z';

    private static string Lower(ReadOnlySpan<byte> name) => Encoding.ASCII.GetString(name).ToLowerInvariant();
}
