using System.Text.Json;

namespace Weir.Ingest.AccessLogs;

/// <summary>Caddy's access log: an object with the request as an object inside.</summary>
/// <remarks>https://caddyserver.com/docs/logging. Lines of Caddy's other loggers have no request and are passed over as comments.</remarks>
internal sealed class CaddyJsonLog : JsonLog
{
    /// <inheritdoc/>
    public override string Name => "Caddy JSON";

    /// <inheritdoc/>
    public override LineResult TryRead(ReadOnlySpan<byte> line, LineScratch scratch, scoped ref LogLine read)
    {
        var result = base.TryRead(line, scratch, ref read);
        return result == LineResult.Rejected && line.StartsWith("{"u8) && line.EndsWith("}"u8)
            && line.IndexOf("\"logger\":"u8) >= 0 && line.IndexOf("\"request\":"u8) < 0
            ? LineResult.Comment
            : result;
    }

    /// <inheritdoc/>
    protected override void ReadMembers(scoped ref Utf8JsonReader json, LineScratch scratch, scoped ref LogLine read, scoped ref Found found)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isTime = json.ValueSpan.SequenceEqual("ts"u8), isStatus = json.ValueSpan.SequenceEqual("status"u8);
            bool isSize = json.ValueSpan.SequenceEqual("size"u8), isDuration = json.ValueSpan.SequenceEqual("duration"u8);
            bool isRequest = json.ValueSpan.SequenceEqual("request"u8);
            json.Read();
            if (isRequest && json.TokenType == JsonTokenType.StartObject)
                ReadRequest(ref json, scratch, ref read, ref found);
            else if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                json.Skip();
            else if (isTime)
                found.HasTime = LogTime.TryReadAny(Text(ref json, scratch), out read.TimeMs);
            else if (isStatus)
                found.HasStatus = LogText.TryStatus(Text(ref json, scratch), out read.Status);
            else if (isSize)
                LogText.TryNumber(Text(ref json, scratch), out read.BytesSent);
            else if (isDuration)
                read.DurationUs = LogText.Microseconds(Text(ref json, scratch));
        }
    }

    private static void ReadRequest(scoped ref Utf8JsonReader json, LineScratch scratch, scoped ref LogLine read, scoped ref Found found)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.ValueSpan;
            json.Read();
            if (json.TokenType == JsonTokenType.StartObject && name.SequenceEqual("headers"u8))
                ReadHeaders(ref json, scratch, ref read);
            else if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                json.Skip();
            else
                TakeRequest(name, Text(ref json, scratch), ref read, ref found);
        }
    }

    private static void TakeRequest(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, scoped ref LogLine read, scoped ref Found found)
    {
        // client_ip is Caddy's answer to trusted proxies; older versions have only the peer.
        if (name.SequenceEqual("client_ip"u8) || (name.SequenceEqual("remote_ip"u8) && !read.ClientAddress.IsKnown))
            LogRequest.ReadAddress(text, ref read);
        else if (name.SequenceEqual("proto"u8))
            LogRequest.TryReadVersion(text, out read.HttpVersion);
        else if (name.SequenceEqual("method"u8))
            read.Method = text;
        else if (name.SequenceEqual("host"u8))
            read.Host = LogRequest.HostOf(text);
        else if (name.SequenceEqual("uri"u8))
        {
            LogRequest.ReadTarget(text, ref read);
            found.HasRequest = true;
        }
    }

    // {"User-Agent": ["…"], …}: the first value counts.
    private static void ReadHeaders(scoped ref Utf8JsonReader json, LineScratch scratch, scoped ref LogLine read)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isUserAgent = json.ValueSpan.SequenceEqual("User-Agent"u8), isReferrer = json.ValueSpan.SequenceEqual("Referer"u8);
            json.Read();
            if (json.TokenType != JsonTokenType.StartArray)
                continue;
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (isUserAgent && read.UserAgent.Length == 0)
                    read.UserAgent = Text(ref json, scratch);
                else if (isReferrer && read.Referrer.Length == 0)
                    read.Referrer = Text(ref json, scratch);
                json.Skip();
            }
        }
    }
}
