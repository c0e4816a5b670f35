using System.Buffers;
using System.Globalization;
using System.Text;

namespace Weir.Detection.Identification.Signatures;

/// <summary>Reads structured fields (RFC 9651 §4.2): items and dictionaries. The texts are hostile: bounded, strict, never throws.</summary>
internal ref struct StructuredFieldReader
{
    /// <summary>The longest field read, in characters. A signature with every component covered takes under 1,000.</summary>
    public const int MaxLength = 8 * 1024;

    private const int MaxMembers = 16;
    private const int MaxInnerItems = 32;
    private const int MaxParameters = 16;

    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.*");

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~:/");

    private static readonly SearchValues<char> Base64Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    private ReadOnlySpan<char> _rest;

    private StructuredFieldReader(ReadOnlySpan<char> text) => _rest = text.Trim(' ');

    /// <summary>Reads a dictionary; a key sent twice keeps its first place and its last value.</summary>
    public static bool TryReadDictionary(string? text, out List<FieldMember> members)
    {
        members = [];
        if (text is null || text.Length > MaxLength)
            return false;
        var reader = new StructuredFieldReader(text);
        return reader._rest.IsEmpty || reader.TryReadMembers(members);
    }

    /// <summary>Reads one item with its parameters.</summary>
    public static bool TryReadItem(string? text, out FieldItem item)
    {
        item = null!;
        if (text is null || text.Length > MaxLength)
            return false;
        var reader = new StructuredFieldReader(text);
        return reader.TryReadItem(out item) && reader._rest.IsEmpty;
    }

    private bool TryReadMembers(List<FieldMember> members)
    {
        while (members.Count < MaxMembers)
        {
            if (!TryReadKey(out string key))
                return false;
            FieldItem item;
            if (Take('='))
            {
                if (!(_rest is ['(', ..] ? TryReadInnerList(out item) : TryReadItem(out item)))
                    return false;
            }
            else if (TryReadParameters(out var parameters))
                item = new FieldItem(BareItem.True, null, parameters);
            else
                return false;
            Put(members, new FieldMember(key, item));
            _rest = _rest.TrimStart(" \t");
            if (_rest.IsEmpty)
                return true;
            if (!Take(','))
                return false;
            _rest = _rest.TrimStart(" \t");
        }
        return false;
    }

    private static void Put(List<FieldMember> members, FieldMember member)
    {
        int at = members.FindIndex(m => m.Key == member.Key);
        if (at < 0)
            members.Add(member);
        else
            members[at] = member;
    }

    private bool TryReadInnerList(out FieldItem list)
    {
        list = null!;
        _rest = _rest[1..];
        List<FieldItem> items = [];
        while (items.Count <= MaxInnerItems)
        {
            _rest = _rest.TrimStart(' ');
            if (Take(')'))
            {
                if (!TryReadParameters(out var parameters))
                    return false;
                list = new FieldItem(default, items, parameters);
                return true;
            }
            if (!TryReadItem(out var item) || _rest is not [' ' or ')', ..])
                return false;
            items.Add(item);
        }
        return false;
    }

    private bool TryReadItem(out FieldItem item)
    {
        item = null!;
        if (!TryReadBareItem(out var value) || !TryReadParameters(out var parameters))
            return false;
        item = new FieldItem(value, null, parameters);
        return true;
    }

    private bool TryReadParameters(out IReadOnlyList<FieldParameter> parameters)
    {
        List<FieldParameter>? read = null;
        parameters = [];
        while (Take(';'))
        {
            _rest = _rest.TrimStart(' ');
            if (!TryReadKey(out string name))
                return false;
            var value = BareItem.True;
            if (Take('=') && !TryReadBareItem(out value))
                return false;
            read ??= [];
            int at = read.FindIndex(p => p.Name == name);
            if (at >= 0)
                read[at] = new FieldParameter(name, value);
            else if (read.Count == MaxParameters)
                return false;
            else
                read.Add(new FieldParameter(name, value));
        }
        parameters = read ?? parameters;
        return true;
    }

    private bool TryReadKey(out string key)
    {
        key = "";
        if (_rest is not [(>= 'a' and <= 'z') or '*', ..])
            return false;
        key = TakeWhile(KeyCharacters).ToString();
        return true;
    }

    private bool TryReadBareItem(out BareItem value)
    {
        value = default;
        if (_rest.IsEmpty)
            return false;
        switch (_rest[0])
        {
            case '"':
                return TryReadString(out value);
            case ':':
                return TryReadBytes(out value);
            case '?':
                return TryReadBoolean(out value);
            case '@':
                _rest = _rest[1..];
                if (!TryReadNumber(out value) || value.Kind != BareKind.Integer)
                    return false;
                value = value with { Kind = BareKind.Date };
                return true;
            case '%':
                return TryReadDisplayString(out value);
            case '-' or (>= '0' and <= '9'):
                return TryReadNumber(out value);
            case '*' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'):
                value = new BareItem(BareKind.Token, TakeWhile(TokenCharacters).ToString());
                return true;
            default:
                return false;
        }
    }

    private bool TryReadString(out BareItem value)
    {
        value = default;
        var text = new StringBuilder();
        for (int i = 1; i < _rest.Length; i++)
        {
            char c = _rest[i];
            if (c == '"')
            {
                _rest = _rest[(i + 1)..];
                value = new BareItem(BareKind.String, text.ToString());
                return true;
            }
            if (c == '\\' && (++i == _rest.Length || (c = _rest[i]) is not ('"' or '\\')))
                return false;
            if (c is < ' ' or > '~')
                return false;
            text.Append(c);
        }
        return false;
    }

    private bool TryReadBytes(out BareItem value)
    {
        value = default;
        int end = _rest[1..].IndexOf(':');
        if (end < 0)
            return false;
        var encoded = _rest.Slice(1, end);
        byte[] bytes = new byte[encoded.Length / 4 * 3];
        // The library passes over white space, which the field's grammar forbids.
        if (encoded.ContainsAnyExcept(Base64Characters) || !Convert.TryFromBase64Chars(encoded, bytes, out int length))
            return false;
        _rest = _rest[(end + 2)..];
        value = new BareItem(BareKind.Bytes, "", 0, bytes[..length]);
        return true;
    }

    private bool TryReadBoolean(out BareItem value)
    {
        value = default;
        if (_rest is not ['?', '0' or '1', ..])
            return false;
        value = new BareItem(BareKind.Boolean, "", _rest[1] - '0');
        _rest = _rest[2..];
        return true;
    }

    private bool TryReadDisplayString(out BareItem value)
    {
        value = default;
        if (!_rest.StartsWith("%\""))
            return false;
        int end = _rest[2..].IndexOf('"');
        if (end < 0 || _rest[..(end + 2)].ContainsAnyExceptInRange(' ', '~'))
            return false;
        value = new BareItem(BareKind.DisplayString, _rest[..(end + 3)].ToString());
        _rest = _rest[(end + 3)..];
        return true;
    }

    private bool TryReadNumber(out BareItem value)
    {
        value = default;
        int sign = _rest is ['-', ..] ? 1 : 0;
        int digits = CountDigits(_rest[sign..]);
        int end = sign + digits;
        if (digits is 0 or > 15)
            return false;
        if (end == _rest.Length || _rest[end] != '.')
        {
            value = new BareItem(BareKind.Integer, "", long.Parse(_rest[..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
            _rest = _rest[end..];
            return true;
        }
        int decimals = CountDigits(_rest[(end + 1)..]);
        if (digits > 12 || decimals is 0 or > 3)
            return false;
        end += 1 + decimals;
        decimal number = decimal.Parse(_rest[..end], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        value = new BareItem(BareKind.Decimal, number == 0 ? "0.0" : number.ToString("0.0##", CultureInfo.InvariantCulture));
        _rest = _rest[end..];
        return true;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        int digits = text.IndexOfAnyExceptInRange('0', '9');
        return digits < 0 ? text.Length : digits;
    }

    private bool Take(char c)
    {
        if (_rest.IsEmpty || _rest[0] != c)
            return false;
        _rest = _rest[1..];
        return true;
    }

    private ReadOnlySpan<char> TakeWhile(SearchValues<char> characters)
    {
        int end = _rest.IndexOfAnyExcept(characters);
        var taken = end < 0 ? _rest : _rest[..end];
        _rest = _rest[taken.Length..];
        return taken;
    }
}
