namespace Weir.Ingest.AccessLogs;

/// <summary>Logs whose <c>#Fields:</c> line names their columns: IIS, and CloudFront's standard log.</summary>
/// <remarks>https://www.w3.org/TR/WD-logfile.html. IIS separates by spaces and writes + for a space inside a text; CloudFront separates by
/// tabs and percent-encodes texts.</remarks>
internal sealed class W3cLog(bool isCloudFront) : LogFormat
{
    // The columns in the file's order; empty before the #Fields line.
    private Column[] _columns = [];
    private string _columnsLine = "";

    private byte Separator => isCloudFront ? (byte)'\t' : (byte)' ';

    /// <inheritdoc/>
    public override string Name => isCloudFront ? "CloudFront" : "IIS W3C";

    /// <inheritdoc/>
    public override string Columns => _columnsLine;

    /// <inheritdoc/>
    public override LogFormat Fresh() => new W3cLog(isCloudFront);

    /// <inheritdoc/>
    public override LineResult TryRead(ReadOnlySpan<byte> line, LineScratch scratch, scoped ref LogLine read)
    {
        read = default;
        // A text may be unescaped twice.
        scratch.Reset(line.Length * 2);
        if (line.Length > 0 && line[0] == '#')
        {
            if (line.StartsWith("#Fields:"u8))
                (_columns, _columnsLine) = (ReadColumns(line["#Fields:".Length..]), System.Text.Encoding.Latin1.GetString(line));
            return LineResult.Comment;
        }
        if (_columns.Length == 0)
            return LineResult.Rejected;
        var fields = new Fields { Read = read };
        if (!TryReadFields(line, scratch, ref fields))
            return LineResult.Rejected;
        read = fields.Read;
        return LogTime.TryReadW3c(fields.Date, fields.Time, out read.TimeMs) ? LineResult.Read : LineResult.Rejected;
    }

    private enum Column
    {
        Other,
        Date,
        Time,
        Address,
        Method,
        Path,
        Query,
        Status,
        Bytes,
        UserAgent,
        Referrer,
        Host,
        Protocol,
        Milliseconds,
        Seconds,
    }

    private ref struct Fields
    {
        public LogLine Read;
        public ReadOnlySpan<byte> Date;
        public ReadOnlySpan<byte> Time;
        public bool HasPath;
    }

    // An IIS file has "cs-uri-stem" after the times and no "x-edge-location"; each reader takes only its own sort.
    private Column[] ReadColumns(ReadOnlySpan<byte> names)
    {
        List<Column> columns = [];
        bool isOfCloudFront = names.IndexOf("x-edge-"u8) >= 0;
        if (isOfCloudFront != isCloudFront)
            return [];
        foreach (var range in names.SplitAny((byte)' ', (byte)'\t'))
        {
            if (names[range].Length > 0)
                columns.Add(ColumnOf(System.Text.Encoding.ASCII.GetString(names[range])));
        }
        return columns.Contains(Column.Date) && columns.Contains(Column.Time) && columns.Contains(Column.Path) ? [.. columns] : [];
    }

    private Column ColumnOf(string name) => name switch
    {
        "date" => Column.Date,
        "time" => Column.Time,
        "c-ip" => Column.Address,
        "cs-method" => Column.Method,
        "cs-uri-stem" => Column.Path,
        "cs-uri-query" => Column.Query,
        "sc-status" => Column.Status,
        "sc-bytes" => Column.Bytes,
        "cs(User-Agent)" => Column.UserAgent,
        "cs(Referer)" => Column.Referrer,
        // CloudFront's cs(Host) is its own name; the viewer's is x-host-header.
        "x-host-header" => Column.Host,
        "cs-host" => Column.Host,
        "cs-version" or "cs-protocol-version" => Column.Protocol,
        "time-taken" => isCloudFront ? Column.Seconds : Column.Milliseconds,
        _ => Column.Other,
    };

    private bool TryReadFields(ReadOnlySpan<byte> line, LineScratch scratch, scoped ref Fields fields)
    {
        for (int column = 0; ; column++)
        {
            int end = line.IndexOf(Separator);
            if (column >= _columns.Length || !TryTake(_columns[column], end < 0 ? line : line[..end], scratch, ref fields))
                return false;
            if (end < 0)
                return column == _columns.Length - 1 && fields.HasPath;
            line = line[(end + 1)..];
        }
    }

    private bool TryTake(Column column, ReadOnlySpan<byte> text, LineScratch scratch, scoped ref Fields fields)
    {
        ref var read = ref fields.Read;
        switch (column)
        {
            case Column.Date:
                fields.Date = text;
                break;
            case Column.Time:
                fields.Time = text;
                break;
            case Column.Address:
                LogRequest.TryReadAddress(text, out read.ClientAddress);
                break;
            case Column.Method:
                read.Method = LogText.OrNothing(text);
                break;
            case Column.Path:
                read.Path = LogText.OrNothing(text);
                fields.HasPath = true;
                break;
            case Column.Query:
                read.Query = LogText.OrNothing(text);
                break;
            case Column.UserAgent:
                read.UserAgent = Unescape(text, scratch);
                break;
            case Column.Referrer:
                read.Referrer = Unescape(text, scratch);
                break;
            case Column.Host:
                read.Host = LogRequest.HostOf(LogText.OrNothing(text));
                break;
            case Column.Protocol:
                LogRequest.TryReadVersion(text, out read.HttpVersion);
                break;
            default:
                return TryTakeNumber(column, text, ref read);
        }
        return true;
    }

    private static bool TryTakeNumber(Column column, ReadOnlySpan<byte> text, scoped ref LogLine read)
    {
        if (column == Column.Seconds)
        {
            if (System.Buffers.Text.Utf8Parser.TryParse(text, out double seconds, out _) && seconds > 0)
                read.DurationUs = (uint)Math.Min(seconds * 1_000_000, uint.MaxValue);
            return true;
        }
        if (column is not (Column.Status or Column.Bytes or Column.Milliseconds))
            return true;
        if (!LogText.TryNumber(text, out ulong number))
            return false;
        if (column == Column.Bytes)
            read.BytesSent = number;
        else if (column == Column.Milliseconds)
            read.DurationUs = (uint)Math.Min(number, uint.MaxValue / 1000) * 1000;
        else if (number > 999)
            return false;
        else
            read.Status = (ushort)number;
        return true;
    }

    // CloudFront has encoded some texts twice at times: a %20 that is left over is a space.
    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text, LineScratch scratch)
    {
        if (LogText.IsNothing(text))
            return default;
        if (!isCloudFront)
            return LogText.UnescapePlus(text, scratch);
        var once = LogText.UnescapePercent(text, scratch);
        return once.IndexOf("%20"u8) >= 0 ? LogText.UnescapePercent(once, scratch) : once;
    }
}
