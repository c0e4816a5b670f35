using System.Buffers;
using Weir.Ingest.Embedded.Engine;

namespace Weir.Ingest.Embedded.Server;

/// <summary>Runs one statement on one lane and writes its answer.</summary>
internal sealed class StatementRunner(LanePool lanes)
{
    // One append of the insert stream: large enough that thread changes do not count, small enough to stay in cache.
    const int PieceBytes = 512 * 1024;

    // A result that cannot be sent in chunks stands in memory twice: the engine's and ours.
    const long WholeResultBytesMax = 512L * 1024 * 1024;

    /// <summary>Runs a statement without data.</summary>
    public async Task QueryAsync(Lane lane, QueryRequest request, ReadOnlyMemory<byte> sql, QueryResponse response, CancellationToken stop)
    {
        QueryShape shape = QueryShape.Of(sql.Span);
        if (shape.UsesLocalFiles) throw LocalFiles();
        string format = shape.Format ?? request.Format ?? "TabSeparated";
        response.Format = format;
        bool streams = shape.IsSelect && !shape.NeedsWholeResult && ChunkHeader.IsStreamable(format) && !HasOutputSettings(request);
        if (shape.IsSelect && !streams)
            request.SetDefault("max_result_bytes", WholeResultBytesMax.ToString(System.Globalization.CultureInfo.InvariantCulture));
        StatementEnd end = StatementEnd.Failed;
        try
        {
            QueryClass kind = await lane.RunAsync(connection => Check(lane, connection, request, sql.Span));
            if (streams && kind == QueryClass.ReadOnly) await StreamAsync(lane, request, sql, format, response, stop);
            else await WholeAsync(lane, request, sql, format, response, stop);
            end = kind >= QueryClass.Control || request.ReadOnly > 0 ? StatementEnd.Touched : StatementEnd.Clean;
        }
        finally
        {
            await RestoreAsync(lane, end);
        }
        await response.FinishAsync(stop);
    }

    /// <summary>Runs an INSERT whose data follow in the body.</summary>
    public async Task InsertAsync(
        Lane lane, QueryRequest request, InsertStatement statement, RequestBody body, QueryResponse response, CancellationToken stop)
    {
        if (request.IsGet || request.ReadOnly > 0) throw ReadOnlyRefusal(request);
        string format = statement.Format ?? request.Format ?? "Values";
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        ChdbInsert? insert = null;
        StatementEnd end = StatementEnd.Failed;
        try
        {
            insert = await lanes.RunStoppableAsync(lane, connection => Start(lane, connection, request, statement, body, format), stop);
            ReadOnlyMemory<byte> data = body.Text[statement.DataStart..];
            // What came with the statement may be nothing: only an empty read is the end.
            do
            {
                ReadOnlyMemory<byte> now = data;
                if (!await lanes.RunStoppableAsync(lane, _ => insert.Append(now.Span), stop)) break;
                data = piece.AsMemory(0, await body.ReadDataAsync(piece.AsMemory(0, PieceBytes), stop));
            }
            while (data.Length > 0);
            using ChdbResult result = await lanes.RunStoppableAsync(lane, _ => insert.Finish(), stop);
            if (result.Error is not null) throw ClickHouseException.FromEngine(result.Error);
            end = StatementEnd.Clean;
            response.Count(result.Counters with { ReadRows = result.Counters.WrittenRows, ReadBytes = result.Counters.WrittenBytes });
        }
        finally
        {
            // A body that broke off is not committed: the stream is cancelled when it was not finished.
            await lane.RunAsync(connection =>
            {
                insert?.Dispose();
                lane.Restore(connection, end);
                return true;
            });
            ArrayPool<byte>.Shared.Return(piece);
        }
        await response.FinishAsync(stop);
    }

    /// <summary>Refusal of statements that would read or write this machine's files.</summary>
    public static ClickHouseException LocalFiles() =>
        ClickHouseException.Of(48, "NOT_IMPLEMENTED", "INTO OUTFILE and FROM INFILE are not available over HTTP");

    static ChdbInsert Start(
        Lane lane, ChdbConnection connection, QueryRequest request, InsertStatement statement, RequestBody body, string format)
    {
        lane.Prepare(connection, request.Settings, request.Database);
        ChdbInsert insert = connection.StreamInsert(body.Text.Span[..statement.SqlBytes], format, request.Parameters);
        if (insert.Error is not { } error) return insert;
        insert.Dispose();
        throw ClickHouseException.FromEngine(error);
    }

    // Exactly one statement may run: libchdb's query call would run all that it finds in a text.
    static QueryClass Check(Lane lane, ChdbConnection connection, QueryRequest request, ReadOnlySpan<byte> sql)
    {
        lane.Prepare(connection, request.Settings, request.Database);
        QueryAnalysis analysis = connection.Analyse(sql);
        if (analysis.StatementCount != 1)
        {
            // The insert call parses without running anything but an INSERT, and this is none: it words the parser's error.
            using ChdbInsert refused = connection.StreamInsert(sql, "", []);
            throw analysis.StatementCount > 1
                ? ClickHouseException.Of(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
                : ClickHouseException.FromEngine(refused.Error ?? "Empty query");
        }
        bool changesSessionOnly = analysis.Class == QueryClass.Control && QueryShape.IsSessionStatement(sql);
        if ((request.IsGet || request.ReadOnly > 0) && analysis.Class != QueryClass.ReadOnly && !(changesSessionOnly && request.ReadOnly != 1))
            throw ReadOnlyRefusal(request);
        if (request.ReadOnly > 0 && !lane.IsSession) PutReadOnly(connection, request.ReadOnly);
        return analysis.Class;
    }

    // The engine checks what only it sees, such as table functions. It cannot be taken back: the lane is renewed
    // afterwards, and a session, which must keep its lane, has the check above only.
    static void PutReadOnly(ChdbConnection connection, int level)
    {
        using ChdbResult result = connection.Query($"SET readonly = {level}");
        if (result.Error is not null) throw ClickHouseException.FromEngine(result.Error);
    }

    static ClickHouseException ReadOnlyRefusal(QueryRequest request) => ClickHouseException.Of(164, "READONLY",
        request.IsGet
            ? "default: Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries"
            : "default: Cannot execute query in readonly mode");

    static bool HasOutputSettings(QueryRequest request)
    {
        foreach (string name in request.Settings.Keys)
        {
            if (name.StartsWith("output_format_json_array", StringComparison.Ordinal) || name is "extremes" or "output_format_write_statistics")
                return true;
        }
        return false;
    }

    static Task<bool> RestoreAsync(Lane lane, StatementEnd end) => lane.RunAsync(connection =>
    {
        lane.Restore(connection, end);
        return true;
    });

    async Task WholeAsync(
        Lane lane, QueryRequest request, ReadOnlyMemory<byte> sql, string format, QueryResponse response, CancellationToken stop)
    {
        using ChdbResult result = await lanes.RunStoppableAsync(
            lane, connection => connection.Query(sql.Span, format, request.Parameters), stop);
        if (result.Error is not null) throw ClickHouseException.FromEngine(result.Error);
        response.Count(result.Counters);
        await CopyAsync(result, 0, response, stop);
    }

    async Task StreamAsync(
        Lane lane, QueryRequest request, ReadOnlyMemory<byte> sql, string format, QueryResponse response, CancellationToken stop)
    {
        ChdbStream? stream = null;
        byte[]? header = null;
        try
        {
            stream = await lanes.RunStoppableAsync(lane, connection => connection.StreamQuery(sql.Span, format, request.Parameters), stop);
            if (stream.Error is not null) throw ClickHouseException.FromEngine(stream.Error);
            while (true)
            {
                using ChdbResult chunk = await lanes.RunStoppableAsync(lane, _ => stream.Fetch(), stop);
                if (chunk.Error is not null) throw ClickHouseException.FromEngine(chunk.Error);
                response.Count(chunk.Counters);
                if (chunk.Length == 0) return;
                int skip = HeaderToSkip(chunk, format, ref header);
                await CopyAsync(chunk, skip, response, stop);
            }
        }
        finally
        {
            await lane.RunAsync(_ =>
            {
                stream?.Dispose();
                return true;
            });
        }
    }

    // The first chunk's header goes out; the same bytes at the beginning of later chunks do not.
    static int HeaderToSkip(ChdbResult chunk, string format, ref byte[]? header)
    {
        if (header is { Length: 0 }) return 0;
        if (header is null)
        {
            byte[] beginning = new byte[Math.Min(chunk.Length, 1024 * 1024)];
            chunk.Read(0, beginning);
            header = beginning[..ChunkHeader.Measure(format, beginning)];
            return 0;
        }
        byte[] here = new byte[header.Length];
        return chunk.Read(0, here) == header.Length && here.AsSpan().SequenceEqual(header) ? header.Length : 0;
    }

    static async Task CopyAsync(ChdbResult result, long from, QueryResponse response, CancellationToken stop)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent((int)Math.Min(PieceBytes, result.Length));
        try
        {
            for (long at = from; at < result.Length;)
            {
                int count = result.Read(at, piece);
                await response.WriteAsync(piece.AsMemory(0, count), stop);
                at += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
