using System.Runtime.InteropServices;
using System.Text;

namespace Weir.Ingest.Embedded.Engine;

/// <summary>One libchdb connection: its own settings, current database and temporary tables. One thread at a time.</summary>
internal sealed unsafe class ChdbConnection : IDisposable
{
    nint* _connection;

    ChdbConnection(nint* connection) => _connection = connection;

    /// <summary>Opens the data folder, or joins it when this process has it open. Null when the engine refuses.</summary>
    /// <param name="arguments">Options of the form <c>--name=value</c>; query settings hold for this connection only.</param>
    public static ChdbConnection? TryOpen(IReadOnlyList<string> arguments)
    {
        var pointers = stackalloc byte*[arguments.Count + 1];
        pointers[0] = (byte*)Marshal.StringToCoTaskMemUTF8("clickhouse");
        for (int i = 0; i < arguments.Count; i++) pointers[i + 1] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
        nint* connection = LibChdb.Connect(arguments.Count + 1, pointers);
        for (int i = 0; i <= arguments.Count; i++) Marshal.FreeCoTaskMem((nint)pointers[i]);
        return connection == null || *connection == 0 ? null : new ChdbConnection(connection);
    }

    /// <summary>What the engine's parser makes of a text; nothing is run.</summary>
    public QueryAnalysis Analyse(ReadOnlySpan<byte> sql)
    {
        QueryAnalysis analysis = new() { StructSize = (uint)sizeof(QueryAnalysis), Class = QueryClass.Unknown };
        fixed (byte* text = sql) _ = LibChdb.Classify(*_connection, text, (nuint)sql.Length, null, 0, &analysis);
        return analysis;
    }

    /// <summary>Runs one statement and gives its whole result.</summary>
    public ChdbResult Query(ReadOnlySpan<byte> sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        using ParameterBlock p = new(parameters);
        byte[] formatBytes = Encoding.UTF8.GetBytes(format);
        fixed (byte* text = sql)
        fixed (byte* formatText = formatBytes)
        {
            return new ChdbResult(LibChdb.Query(
                *_connection, text, (nuint)sql.Length, formatText, (nuint)formatBytes.Length,
                p.Names, p.NameBytes, p.Values, p.ValueBytes, p.Count));
        }
    }

    /// <summary>Runs a statement of our own, without parameters.</summary>
    public ChdbResult Query(string sql) => Query(Encoding.UTF8.GetBytes(sql), "TabSeparatedRaw", []);

    /// <summary>Starts a SELECT whose result is fetched in chunks. Each chunk is formatted as if it were a result of its own.</summary>
    public ChdbStream StreamQuery(ReadOnlySpan<byte> sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        using ParameterBlock p = new(parameters);
        byte[] formatBytes = Encoding.UTF8.GetBytes(format);
        fixed (byte* text = sql)
        fixed (byte* formatText = formatBytes)
        {
            return new ChdbStream(*_connection, LibChdb.StreamQuery(
                *_connection, text, (nuint)sql.Length, formatText, (nuint)formatBytes.Length,
                p.Names, p.NameBytes, p.Values, p.ValueBytes, p.Count));
        }
    }

    /// <summary>Starts an INSERT whose data follow by <see cref="ChdbInsert.Append"/>: they are never read as SQL.</summary>
    /// <param name="sql">The statement up to its FORMAT or VALUES. More than one statement is refused.</param>
    /// <param name="format">Input format.</param>
    /// <param name="parameters">Bound while the statement starts.</param>
    public ChdbInsert StreamInsert(ReadOnlySpan<byte> sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        using ParameterBlock p = new(parameters);
        byte[] formatBytes = Encoding.UTF8.GetBytes(format);
        fixed (byte* text = sql)
        fixed (byte* formatText = formatBytes)
        {
            return new ChdbInsert(LibChdb.StreamInsert(
                *_connection, text, (nuint)sql.Length, formatText, (nuint)formatBytes.Length,
                p.Names, p.NameBytes, p.Values, p.ValueBytes, p.Count));
        }
    }

    public void Dispose()
    {
        if (_connection != null) LibChdb.Close(_connection);
        _connection = null;
    }
}

/// <summary>A running SELECT. Same thread rule as its connection.</summary>
internal sealed class ChdbStream : IDisposable
{
    readonly nint _connection;
    readonly ChdbResult _stream;
    bool _ended;

    public ChdbStream(nint connection, nint stream)
    {
        _connection = connection;
        _stream = new ChdbResult(stream);
        _ended = _stream.Error is not null;
    }

    /// <summary>Why the statement did not start, or null.</summary>
    public string? Error => _stream.Error;

    /// <summary>The next chunk; one of length 0 is the end. An error comes as a chunk too.</summary>
    public ChdbResult Fetch()
    {
        ChdbResult chunk = new(LibChdb.StreamFetch(_connection, _stream.DangerousGetHandle()));
        _ended |= chunk.Error is not null || chunk.Length == 0;
        return chunk;
    }

    public void Dispose()
    {
        if (!_ended) LibChdb.StreamCancel(_connection, _stream.DangerousGetHandle());
        _stream.Dispose();
    }
}

/// <summary>A running INSERT. Without <see cref="Finish"/>, Dispose cancels it.</summary>
internal sealed unsafe class ChdbInsert(nint stream) : IDisposable
{
    /// <summary>Why the statement did not start or stopped, or null.</summary>
    public string? Error
    {
        get
        {
            byte* error = LibChdb.InsertError(stream);
            return error == null ? null : Marshal.PtrToStringUTF8((nint)error);
        }
    }

    /// <summary>Hands over a part of the data; waits while the engine is behind. False when the statement has failed.</summary>
    public bool Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* at = data) return data.IsEmpty || LibChdb.InsertAppend(stream, at, (nuint)data.Length) == 0;
    }

    /// <summary>Ends the data and commits.</summary>
    public ChdbResult Finish() => new(LibChdb.InsertDone(stream));

    public void Dispose() => LibChdb.InsertDestroy(stream);
}
