using System.Text.Json;

namespace Weir.Ingest.AccessLogs;

/// <summary>nginx's <c>log_format … escape=json</c>: a flat object whose members operators name after nginx's variables.</summary>
/// <remarks>Variables: https://nginx.org/en/docs/varindex.html. The names of Elastic's and Grafana's examples are known too.</remarks>
internal sealed class NginxJsonLog : JsonLog
{
    /// <inheritdoc/>
    public override string Name => "nginx JSON";

    /// <inheritdoc/>
    protected override void ReadMembers(scoped ref Utf8JsonReader json, LineScratch scratch, scoped ref LogLine read, scoped ref Found found)
    {
        ReadOnlySpan<byte> arguments = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberOf(ref json);
            json.Read();
            if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                json.Skip();
            else if (member == Member.Arguments)
                arguments = Text(ref json, scratch);
            else
                Take(member, Text(ref json, scratch), ref read, ref found);
        }
        if (read.Query.Length == 0)
            read.Query = arguments;
    }

    private enum Member
    {
        Other,
        Time,
        Address,
        Request,
        Method,
        Target,
        Arguments,
        Protocol,
        Status,
        Bytes,
        Referrer,
        UserAgent,
        Host,
        Duration,
    }

    private static Member MemberOf(scoped ref Utf8JsonReader json)
    {
        var name = json.ValueSpan;
        foreach (var (known, member) in Members)
        {
            if (name.SequenceEqual(known))
                return member;
        }
        return Member.Other;
    }

    private static readonly (byte[] Name, Member Member)[] Members =
    [
        .. Named(Member.Time, "time_iso8601", "msec", "time_local", "time", "@timestamp", "timestamp", "ts"),
        .. Named(Member.Address, "remote_addr", "remote_ip", "client_ip", "clientip", "client", "ip", "realip_remote_addr"),
        .. Named(Member.Request, "request"),
        .. Named(Member.Method, "request_method", "method", "verb"),
        .. Named(Member.Target, "request_uri", "uri", "path", "url"),
        .. Named(Member.Arguments, "args", "query_string", "query"),
        .. Named(Member.Protocol, "server_protocol", "protocol", "http_version"),
        .. Named(Member.Status, "status", "response", "status_code"),
        .. Named(Member.Bytes, "body_bytes_sent", "bytes_sent", "bytes", "size"),
        .. Named(Member.Referrer, "http_referer", "http_referrer", "referer", "referrer"),
        .. Named(Member.UserAgent, "http_user_agent", "user_agent", "agent", "useragent"),
        .. Named(Member.Host, "http_host", "host", "server_name", "vhost"),
        .. Named(Member.Duration, "request_time", "duration", "response_time"),
    ];

    private static IEnumerable<(byte[], Member)> Named(Member member, params string[] names) =>
        names.Select(name => (System.Text.Encoding.UTF8.GetBytes(name), member));

    private static void Take(Member member, ReadOnlySpan<byte> text, scoped ref LogLine read, scoped ref Found found)
    {
        switch (member)
        {
            case Member.Time when !found.HasTime:
                found.HasTime = LogTime.TryReadAny(text, out read.TimeMs);
                break;
            case Member.Address when !read.ClientAddress.IsKnown:
                ReadAddress(text, ref read);
                break;
            case Member.Request:
                LogRequest.ReadRequest(text, ref read);
                found.HasRequest = true;
                break;
            case Member.Method:
                read.Method = text;
                break;
            case Member.Target when !found.HasRequest:
                LogRequest.ReadTarget(text, ref read);
                found.HasRequest = true;
                break;
            case Member.Protocol:
                LogRequest.TryReadVersion(text, out read.HttpVersion);
                break;
            case Member.Status:
                found.HasStatus = TryStatus(text, out read.Status);
                break;
            case Member.Bytes:
                LogText.TryNumber(text, out read.BytesSent);
                break;
            case Member.Referrer:
                read.Referrer = text;
                break;
            case Member.UserAgent:
                read.UserAgent = text;
                break;
            case Member.Host when read.Host.Length == 0:
                read.Host = LogRequest.HostOf(text);
                break;
            case Member.Duration:
                read.DurationUs = Microseconds(text);
                break;
        }
    }
}
