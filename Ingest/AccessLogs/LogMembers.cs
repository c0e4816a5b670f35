namespace Weir.Ingest.AccessLogs;

/// <summary>What a named piece of a line says.</summary>
internal enum LogMember
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
    Microseconds,
}

/// <summary>What a line must have to be a request.</summary>
internal struct Found
{
    public bool HasTime;
    public bool HasRequest;
    public bool HasStatus;

    /// <summary>Whether it has all of it.</summary>
    public readonly bool IsRequest => HasTime && HasRequest && HasStatus;
}

/// <summary>Pieces of lines by name: nginx's variables, and what operators call them.</summary>
internal static class LogMembers
{
    /// <summary>The member of a name; <see cref="LogMember.Other"/> for one that says nothing of the request.</summary>
    public static LogMember Of(ReadOnlySpan<byte> name)
    {
        foreach (var (known, member) in Members)
        {
            if (name.SequenceEqual(known))
                return member;
        }
        return LogMember.Other;
    }

    /// <summary>Takes the text of a member, escapes undone; nothing for a dash. The first of two that say the same counts.</summary>
    public static void Take(LogMember member, ReadOnlySpan<byte> text, scoped ref LogLine read, scoped ref Found found)
    {
        switch (member)
        {
            case LogMember.Time when !found.HasTime:
                found.HasTime = LogTime.TryReadAny(text, out read.TimeMs);
                break;
            case LogMember.Address when !read.ClientAddress.IsKnown:
                LogRequest.ReadAddress(text, ref read);
                break;
            case LogMember.Request or LogMember.Target when !found.HasRequest:
                // What stood before as the query counts unless the target has one itself.
                var query = read.Query;
                if (member == LogMember.Request)
                    LogRequest.ReadRequest(text, ref read);
                else
                    LogRequest.ReadTarget(text, ref read);
                if (read.Query.Length == 0)
                    read.Query = query;
                found.HasRequest = true;
                break;
            case LogMember.Method:
                read.Method = text;
                break;
            case LogMember.Arguments when read.Query.Length == 0:
                read.Query = text.Length > 0 && text[0] == '?' ? text[1..] : text;
                break;
            case LogMember.Protocol:
                LogRequest.TryReadVersion(text, out read.HttpVersion);
                break;
            case LogMember.Status:
                found.HasStatus = LogText.TryStatus(text, out read.Status);
                break;
            case LogMember.Bytes:
                LogText.TryNumber(text, out read.BytesSent);
                break;
            case LogMember.Referrer:
                read.Referrer = text;
                break;
            case LogMember.UserAgent:
                read.UserAgent = text;
                break;
            case LogMember.Host when read.Host.Length == 0:
                read.Host = LogRequest.HostOf(text);
                break;
            case LogMember.Microseconds:
                read.DurationUs = LogText.TryNumber(text, out ulong us) ? (uint)Math.Min(us, uint.MaxValue) : 0;
                break;
            case LogMember.Duration:
                read.DurationUs = LogText.Microseconds(text);
                break;
        }
    }

    private static readonly (byte[] Name, LogMember Member)[] Members =
    [
        .. Named(LogMember.Time, "time_iso8601", "msec", "time_local", "time", "@timestamp", "timestamp", "ts"),
        .. Named(LogMember.Address, "remote_addr", "remote_ip", "client_ip", "clientip", "client", "ip", "realip_remote_addr"),
        .. Named(LogMember.Request, "request"),
        .. Named(LogMember.Method, "request_method", "method", "verb"),
        .. Named(LogMember.Target, "request_uri", "uri", "path", "url"),
        .. Named(LogMember.Arguments, "args", "query_string", "query"),
        .. Named(LogMember.Protocol, "server_protocol", "protocol", "http_version"),
        .. Named(LogMember.Status, "status", "response", "status_code"),
        .. Named(LogMember.Bytes, "body_bytes_sent", "bytes_sent", "bytes", "size"),
        .. Named(LogMember.Referrer, "http_referer", "http_referrer", "referer", "referrer"),
        .. Named(LogMember.UserAgent, "http_user_agent", "user_agent", "agent", "useragent"),
        .. Named(LogMember.Host, "http_host", "host", "server_name", "vhost"),
        .. Named(LogMember.Duration, "request_time", "duration", "response_time"),
        .. Named(LogMember.Microseconds, "duration_us"),
    ];

    private static IEnumerable<(byte[], LogMember)> Named(LogMember member, params string[] names) =>
        names.Select(name => (System.Text.Encoding.UTF8.GetBytes(name), member));
}
