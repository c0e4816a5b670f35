namespace Weir.Ingest.AccessLogs;

/// <summary>The combined format of Apache and nginx, and the common one, which ends before the referrer.</summary>
/// <remarks>
/// <c>address identity user [time] "request" status bytes "referrer" "user agent"</c>, and whatever an operator has added behind it. A
/// name with or without a port in front (Apache's <c>vhost_combined</c>) is the host. https://httpd.apache.org/docs/2.4/logs.html
/// </remarks>
internal sealed class CombinedLog(bool isCommon) : LogFormat
{
    /// <inheritdoc/>
    public override string Name => isCommon ? "common" : "combined";

    /// <inheritdoc/>
    public override LogFormat Fresh() => this;

    /// <inheritdoc/>
    public override LineResult TryRead(ReadOnlySpan<byte> line, LineScratch scratch, scoped ref LogLine read)
    {
        read = default;
        scratch.Reset(line.Length);
        if (!TryReadClient(ref line, ref read) || !TryReadTime(ref line, ref read) || !TryReadRequest(ref line, scratch, ref read))
            return LineResult.Rejected;
        if (isCommon)
            return line.Length == 0 ? LineResult.Read : LineResult.Rejected;
        if (!TryReadQuoted(ref line, scratch, out var referrer) || !TryReadQuoted(ref line, scratch, out var userAgent))
            return LineResult.Rejected;
        read.Referrer = LogText.OrNothing(referrer);
        read.UserAgent = LogText.OrNothing(userAgent);
        return LineResult.Read;
    }

    // A server that looks names up writes a name where the address belongs: the address is then unknown.
    private static bool TryReadClient(scoped ref ReadOnlySpan<byte> line, scoped ref LogLine read)
    {
        int space = line.IndexOf((byte)' ');
        if (space <= 0)
            return false;
        var first = line[..space];
        line = line[(space + 1)..];
        if (LogRequest.TryReadAddress(first, out read.ClientAddress))
            return true;
        int next = line.IndexOf((byte)' ');
        if (next > 0 && LogRequest.TryReadAddress(line[..next], out read.ClientAddress))
        {
            read.Host = LogRequest.HostOf(first);
            line = line[(next + 1)..];
        }
        return true;
    }

    // A user name may hold spaces and brackets: the time is the first bracket with a time in it.
    private static bool TryReadTime(scoped ref ReadOnlySpan<byte> line, scoped ref LogLine read)
    {
        while (true)
        {
            int bracket = line.IndexOf((byte)'[');
            if (bracket < 0 || line.Length < bracket + LogTime.CommonLength + 3)
                return false;
            line = line[(bracket + 1)..];
            if (line[LogTime.CommonLength] == ']' && LogTime.TryReadCommon(line[..LogTime.CommonLength], out read.TimeMs))
            {
                line = line[(LogTime.CommonLength + 1)..];
                return true;
            }
        }
    }

    private static bool TryReadRequest(scoped ref ReadOnlySpan<byte> line, LineScratch scratch, scoped ref LogLine read)
    {
        if (!TryReadQuoted(ref line, scratch, out var request) || !TryReadNumber(ref line, out ulong status) || status > 999
            || !TryReadNumber(ref line, out read.BytesSent))
            return false;
        read.Status = (ushort)status;
        LogRequest.ReadRequest(request, ref read);
        return true;
    }

    // A space, a quoted text, and what follows must be a space or the end.
    private static bool TryReadQuoted(scoped ref ReadOnlySpan<byte> line, LineScratch scratch, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (line.Length < 3 || line[0] != ' ' || line[1] != '"')
            return false;
        var inside = line[2..];
        int end = LogText.IndexOfClosingQuote(inside);
        if (end < 0 || (end + 1 < inside.Length && inside[end + 1] != ' '))
            return false;
        text = LogText.Unescape(inside[..end], scratch);
        line = inside[(end + 1)..];
        return true;
    }

    private static bool TryReadNumber(scoped ref ReadOnlySpan<byte> line, out ulong number)
    {
        number = 0;
        if (line.Length < 2 || line[0] != ' ')
            return false;
        line = line[1..];
        int end = line.IndexOf((byte)' ');
        var digits = end < 0 ? line : line[..end];
        line = line[digits.Length..];
        return digits.Length > 0 && LogText.TryNumber(digits, out number);
    }
}
