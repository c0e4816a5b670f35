using System.Text;
using System.Text.Json;
using Weir.Detection.Identification;

namespace Weir.Detection.Lines;

/// <summary>One request read from one JSON object. The texts live in a buffer that is used again for the next line.</summary>
/// <remarks>Not safe from several threads. Members that it does not know are passed over; null means "not sent".</remarks>
internal sealed class RequestLine : ISignedRequest
{
    // More headers than any client sends; a signature that covers one beyond them cannot be judged.
    private const int MaxHeaders = 128;

    private readonly List<(Range Name, Range Value)> _headers = [];
    private char[] _text = new char[16 * 1024];
    private int _used;
    private readonly WrittenHeaders _written = new();
    private Range _userAgent, _referrer, _path, _host, _method, _contentType;
    private bool _hasSignature;
    private byte _httpVersion;
    private Transport _transport;
    private TlsFacts? _tls;
    private ClientAddress _address;
    private long? _timeMs;
    private ushort _status;

    /// <summary>The request's facts, until the next line is read.</summary>
    /// <param name="nowMs">When the line says no time.</param>
    public RequestFacts Facts(long nowMs)
    {
        var path = Text(_path);
        int question = path.IndexOf('?');
        return new RequestFacts
        {
            TimeMs = _timeMs ?? nowMs,
            ClientAddress = _address,
            Method = Text(_method),
            Path = question < 0 ? path : path[..question],
            Query = question < 0 ? default : path[(question + 1)..],
            UserAgent = Or(Text(_userAgent), _written.UserAgent),
            Referrer = Or(Text(_referrer), _written.Referrer),
            Host = Or(Text(_host), _written.Host),
            Headers = _written.Facts(_httpVersion, _transport),
            Tls = _tls,
            Signed = _hasSignature ? this : null,
        };
    }

    string ISignedRequest.Method => Text(_method).ToString();

    // A line does not say; both are tried.
    string ISignedRequest.Scheme => "https";

    string ISignedRequest.Authority => Text(_host).ToString();

    string ISignedRequest.PathAndQuery => Text(_path).ToString();

    string? ISignedRequest.Field(string name)
    {
        string? field = null;
        foreach (var (header, value) in _headers)
        {
            if (Text(header).Equals(name, StringComparison.OrdinalIgnoreCase))
                field = field is null ? Text(value).Trim().ToString() : $"{field}, {Text(value).Trim()}";
        }
        return field;
    }

    /// <summary>How the request ended, as far as the line says.</summary>
    /// <param name="nowMs">When the line says no time.</param>
    public RequestOutcome Outcome(long nowMs)
    {
        var facts = Facts(nowMs);
        return new RequestOutcome
        {
            TimeMs = facts.TimeMs,
            ClientAddress = facts.ClientAddress,
            Path = facts.Path,
            Host = facts.Host,
            ContentType = Text(_contentType),
            Status = _status,
            HasReferrer = !facts.Referrer.IsEmpty,
        };
    }

    /// <summary>Reads a line. Returns null when it is good, else what is wrong and what to write.</summary>
    public string? Read(ReadOnlySpan<byte> line)
    {
        Reset(line.Length);
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return "this is not a JSON object. Write one such as {\"ua\":\"…\",\"ip\":\"203.0.113.9\"}.";
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ReadMember(ref reader) is { } error)
                    return error;
            }
            return reader.Read() ? "text stands behind the object. Write one object a line." : null;
        }
        catch (JsonException error)
        {
            return $"this is not JSON (byte {error.BytePositionInLine}). Write one object a line.";
        }
        catch (InvalidOperationException)
        {
            return "a text is not UTF-8 or not Unicode. Write the line as UTF-8.";
        }
    }

    private string? ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("ua"u8))
            return ReadText(ref reader, "ua", ref _userAgent);
        if (reader.ValueTextEquals("referrer"u8) || reader.ValueTextEquals("referer"u8))
            return ReadText(ref reader, "referrer", ref _referrer);
        if (reader.ValueTextEquals("path"u8))
            return ReadText(ref reader, "path", ref _path);
        if (reader.ValueTextEquals("host"u8))
            return ReadText(ref reader, "host", ref _host);
        if (reader.ValueTextEquals("method"u8))
            return ReadText(ref reader, "method", ref _method);
        if (reader.ValueTextEquals("ip"u8))
            return ReadAddress(ref reader);
        if (reader.ValueTextEquals("time"u8))
            return ReadTime(ref reader);
        if (reader.ValueTextEquals("contentType"u8))
            return ReadText(ref reader, "contentType", ref _contentType);
        if (reader.ValueTextEquals("status"u8))
            return ReadStatus(ref reader);
        if (reader.ValueTextEquals("headers"u8))
            return ReadHeaders(ref reader);
        if (reader.ValueTextEquals("httpVersion"u8))
            return ReadHttpVersion(ref reader);
        if (reader.ValueTextEquals("tls"u8))
            return ReadTls(ref reader);
        if (reader.ValueTextEquals("ja4"u8))
            return ReadJa4(ref reader);
        reader.Skip();
        return null;
    }

    private string? ReadText(ref Utf8JsonReader reader, string member, ref Range text)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.String)
            return $"'{member}' is not a text. Write it in quotes.";
        int length = reader.CopyString(_text.AsSpan(_used));
        text = _used..(_used + length);
        _used += length;
        return null;
    }

    private string? ReadAddress(ref Utf8JsonReader reader)
    {
        var text = new Range(0, 0);
        if (ReadText(ref reader, "ip", ref text) is { } error)
            return error;
        if (Text(text).IsEmpty || ClientAddress.TryParse(Text(text), out _address))
            return null;
        return "'ip' is not an address. Write one such as 203.0.113.9 or 2001:db8::1.";
    }

    private string? ReadStatus(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetUInt16(out _status) && _status is >= 100 and <= 599 ? null
            : "'status' is not an HTTP status. Write a number such as 200.";
    }

    private string? ReadTime(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long ms))
        {
            _timeMs = ms;
            return null;
        }
        if (reader.TokenType == JsonTokenType.String && RequestTime.TryParse(reader.GetString(), out ms))
        {
            _timeMs = ms;
            return null;
        }
        return $"'time' is not a time. Write {RequestTime.Rule}.";
    }

    private string? ReadHeaders(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.StartObject)
            return "'headers' is not an object. Write {\"Accept-Language\":\"de\"}.";
        Span<char> name = stackalloc char[32];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A name longer than any of ours is none of ours; an escaped one takes at most six bytes a character.
            int length = reader.ValueSpan.Length <= name.Length ? reader.CopyString(name) : 0;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            bool isList = reader.TokenType == JsonTokenType.StartArray;
            if (isList)
                reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                KeepHeader(name[..length], ref reader);
            else if (!isList || reader.TokenType != JsonTokenType.EndArray)
                return "a header's value is not a text. Write it in quotes.";
            while (isList && reader.TokenType != JsonTokenType.EndArray)
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && length > 0)
                    KeepSigned(name[..length], KeepText(ref reader));
            }
        }
        return null;
    }

    private void KeepHeader(scoped ReadOnlySpan<char> name, ref Utf8JsonReader reader)
    {
        var value = KeepText(ref reader);
        _written.Add(name, Text(value));
        KeepSigned(name, value);
    }

    private Range KeepText(ref Utf8JsonReader reader)
    {
        int length = reader.CopyString(_text.AsSpan(_used));
        var value = _used..(_used + length);
        _used += length;
        return value;
    }

    // Whatever a signature covers has to be found again by its name.
    private void KeepSigned(scoped ReadOnlySpan<char> name, Range value)
    {
        if (name.IsEmpty || _headers.Count == MaxHeaders)
            return;
        name.CopyTo(_text.AsSpan(_used));
        _headers.Add((_used..(_used + name.Length), value));
        _used += name.Length;
        _hasSignature |= name.Equals("signature-input", StringComparison.OrdinalIgnoreCase);
    }

    private string? ReadHttpVersion(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        int length = reader.TokenType == JsonTokenType.String ? reader.CopyString(_text.AsSpan(_used))
            : reader.TokenType == JsonTokenType.Number ? Encoding.ASCII.GetChars(reader.ValueSpan, _text.AsSpan(_used)) : 0;
        return HttpVersionText.TryParse(_text.AsSpan(_used, length), out _httpVersion) ? null
            : $"'httpVersion' is no version of HTTP. Write {HttpVersionText.Rule}.";
    }

    private string? ReadTls(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
            return "'tls' is neither true nor false. Write whether the request came over TLS.";
        if (reader.TokenType != JsonTokenType.Null)
            _transport = reader.TokenType == JsonTokenType.True ? Transport.Tls : Transport.Plain;
        return null;
    }

    private string? ReadJa4(ref Utf8JsonReader reader)
    {
        var text = new Range(0, 0);
        if (ReadText(ref reader, "ja4", ref text) is { } error)
            return error;
        if (Text(text).IsEmpty)
            return null;
        if (!TlsFacts.TryParse(Text(text), out _tls))
            return $"'ja4' is no fingerprint. Write one such as {TlsFacts.Example}.";
        _transport = Transport.Tls;
        return null;
    }

    private static ReadOnlySpan<char> Or(ReadOnlySpan<char> text, ReadOnlySpan<char> other) => text.IsEmpty ? other : text;

    private ReadOnlySpan<char> Text(Range range) => _text.AsSpan(range);

    private void Reset(int lineLength)
    {
        // All texts of a line together are no longer than the line, so one check serves them all.
        if (_text.Length < lineLength)
            _text = new char[lineLength * 2];
        _used = 0;
        _userAgent = _referrer = _path = _host = _method = _contentType = 0..0;
        _hasSignature = false;
        _headers.Clear();
        _written.Clear();
        _httpVersion = 0;
        _transport = Transport.Unknown;
        _tls = null;
        _address = default;
        _timeMs = null;
        _status = 0;
    }
}
