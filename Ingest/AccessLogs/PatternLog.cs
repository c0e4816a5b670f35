using System.Text;
using System.Text.RegularExpressions;

namespace Weir.Ingest.AccessLogs;

/// <summary>A log of a format that its owner names: nginx's <c>log_format</c>, or Apache's <c>LogFormat</c>.</summary>
/// <remarks>https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format, https://httpd.apache.org/docs/2.4/mod/mod_log_config.html.
/// Variables that say nothing of a request are passed over.</remarks>
internal sealed partial class PatternLog : LogFormat
{
    private readonly byte[] _before;
    private readonly (LogMember Member, byte[] Behind, bool IsQuoted)[] _pieces;

    // Whether the last piece, with nothing behind it, ends at a space, as those before it do.
    private readonly bool _endsAtSpace;

    private PatternLog(byte[] before, (LogMember, byte[], bool)[] pieces)
    {
        (_before, _pieces) = (before, pieces);
        _endsAtSpace = (_pieces.Length > 1 ? _pieces[^2].Behind : before) is [.., (byte)' '];
    }

    /// <summary>Reads a pattern, such as <c>$remote_addr [$time_iso8601] "$request" $status</c>.</summary>
    /// <exception cref="ImportException">It has no time, request or status, or two variables with nothing between them.</exception>
    public static PatternLog Of(string pattern)
    {
        string names = pattern.Contains('$', StringComparison.Ordinal) ? pattern : Directive().Replace(pattern.Replace("\\\"", "\"", StringComparison.Ordinal), m => VariableOf(m.Groups["name"].Value));
        var variables = Variable().Matches(names);
        var pieces = new (LogMember Member, byte[] Behind, bool IsQuoted)[variables.Count];
        var found = default(Found);
        for (int i = 0; i < pieces.Length; i++)
        {
            int end = variables[i].Index + variables[i].Length;
            bool isLast = i == pieces.Length - 1;
            string behind = isLast ? names[end..] : names[end..variables[i + 1].Index];
            if (behind.Length == 0 && !isLast)
                throw new ImportException($"--format: nothing stands between {variables[i].Value} and {variables[i + 1].Value}, so that no line can be told apart there.");
            var member = LogMembers.Of(Encoding.UTF8.GetBytes(variables[i].Groups["name"].Value));
            found.HasTime |= member == LogMember.Time;
            found.HasRequest |= member is LogMember.Request or LogMember.Target;
            found.HasStatus |= member == LogMember.Status;
            pieces[i] = (member, Encoding.UTF8.GetBytes(behind), names[..variables[i].Index].EndsWith('"') && behind.StartsWith('"'));
        }
        if (!found.IsRequest)
            throw new ImportException($"--format: '{pattern}' lacks a {(!found.HasTime ? "time ($time_local, %t)" : !found.HasRequest ? "request ($request, %r)" : "status ($status, %>s)")}.");
        return new PatternLog(Encoding.UTF8.GetBytes(names[..variables[0].Index]), pieces);
    }

    /// <inheritdoc/>
    public override string Name => "--format";

    /// <inheritdoc/>
    public override LogFormat Fresh() => this;

    /// <inheritdoc/>
    public override LineResult TryRead(ReadOnlySpan<byte> line, LineScratch scratch, scoped ref LogLine read)
    {
        read = default;
        scratch.Reset(line.Length);
        if (!line.StartsWith(_before))
            return LineResult.Rejected;
        line = line[_before.Length..];
        var found = default(Found);
        for (int i = 0; i < _pieces.Length; i++)
        {
            var (member, behind, isQuoted) = _pieces[i];
            int end = behind.Length > 0 ? EndOf(line, behind, isQuoted) : _endsAtSpace && line.IndexOf((byte)' ') is >= 0 and var space ? space : line.Length;
            if (end < 0)
                return LineResult.Rejected;
            LogMembers.Take(member, LogText.OrNothing(LogText.Unescape(line[..end], scratch)), ref read, ref found);
            line = line[(end + behind.Length)..];
        }
        // Servers may have been told to write more since.
        return found.IsRequest && (line.Length == 0 || line[0] == ' ' || _pieces[^1].Behind is [.., (byte)' ']) ? LineResult.Read : LineResult.Rejected;
    }

    // Quotes inside a quoted text are escaped.
    private static int EndOf(ReadOnlySpan<byte> line, ReadOnlySpan<byte> behind, bool isQuoted)
    {
        if (!isQuoted)
            return line.IndexOf(behind);
        int quote = LogText.IndexOfClosingQuote(line);
        return quote >= 0 && line[quote..].StartsWith(behind) ? quote : -1;
    }

    private static string VariableOf(string directive) => (directive[0] == '{' ? directive.ToLowerInvariant() : directive) switch
    {
        "h" or "a" or "{c}a" => "$remote_addr",
        "t" => "[$time_local]",
        "r" => "$request",
        "s" or ">s" => "$status",
        "b" or "B" or "O" => "$body_bytes_sent",
        "{referer}i" => "$http_referer",
        "{user-agent}i" => "$http_user_agent",
        "v" or "V" or "{host}i" => "$host",
        "D" or "{us}t" => "$duration_us",
        "T" or "{s}t" => "$request_time",
        "m" => "$request_method",
        "U" => "$uri",
        "q" => "$args",
        "H" => "$server_protocol",
        _ => "$other",
    };

    [GeneratedRegex(@"\$\{?(?<name>[a-z0-9_@]+)\}?", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    // %r, %>s, %{Referer}i, %400r.
    [GeneratedRegex(@"%[!\d,]*(?<name>[<>]?(\{[^}]*\})?[A-Za-z])", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Directive();
}
