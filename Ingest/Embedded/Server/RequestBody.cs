using System.Buffers;
using System.IO.Compression;
using ClickHouse.Driver.Compression;
using Microsoft.AspNetCore.Http;

namespace Weir.Ingest.Embedded.Server;

/// <summary>A request's text: the URL's query, a line break, then the decompressed body.</summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Longest statement without data; as long as a large IN list, far from what memory would feel.</summary>
    public const int QueryBytesMax = 16 * 1024 * 1024;

    const int FirstBytes = 64 * 1024;
    readonly Stream _stream;
    byte[] _text;
    int _length;
    bool _isWhole;

    /// <summary>Opens a request's text.</summary>
    /// <exception cref="ClickHouseException">An unknown Content-Encoding.</exception>
    public RequestBody(HttpRequest http, QueryRequest request)
    {
        _isWhole = request.BodyIsRead || http.ContentLength == 0;
        _stream = request.BodyIsRead ? Stream.Null : Decompress(http);
        byte[] query = System.Text.Encoding.UTF8.GetBytes(request.Query ?? "");
        _text = ArrayPool<byte>.Shared.Rent(FirstBytes + query.Length);
        query.CopyTo(_text, 0);
        _length = query.Length;
        if (_length > 0 && !_isWhole) _text[_length++] = (byte)'\n';
    }

    /// <summary>What has been read.</summary>
    public ReadOnlyMemory<byte> Text => _text.AsMemory(0, _length);

    /// <summary>Reads until it is clear what the text is; a statement without data is read to its end.</summary>
    public async Task<InsertStatement> ReadStatementAsync(CancellationToken stop)
    {
        while (true)
        {
            InsertStatement statement = InsertStatement.Read(_text.AsSpan(0, _length), _isWhole);
            if (statement.Kind == TextKind.Query && !_isWhole) await ReadAllAsync(stop);
            else if (statement.Kind == TextKind.Unclear) await ReadMoreAsync(Math.Max(_length * 2, FirstBytes), stop);
            else return statement;
        }
    }

    /// <summary>Reads the rest into <see cref="Text"/>.</summary>
    /// <exception cref="ClickHouseException">It is longer than <see cref="QueryBytesMax"/>.</exception>
    public Task ReadAllAsync(CancellationToken stop) => ReadMoreAsync(QueryBytesMax + 1, stop);

    /// <summary>Reads data that follow what <see cref="Text"/> holds; 0 is the end.</summary>
    public async ValueTask<int> ReadDataAsync(Memory<byte> into, CancellationToken stop)
    {
        int filled = 0;
        while (filled < into.Length && !_isWhole)
        {
            int read = await ReadAsync(into[filled..], stop);
            if (read == 0) _isWhole = true;
            filled += read;
        }
        return filled;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_text);
        _stream.Dispose();
    }

    async Task ReadMoreAsync(int untilBytes, CancellationToken stop)
    {
        while (!_isWhole && _length < untilBytes)
        {
            if (_length == _text.Length) Grow();
            int read = await ReadAsync(_text.AsMemory(_length), stop);
            if (read == 0) _isWhole = true;
            _length += read;
        }
        if (_length > QueryBytesMax)
            throw ClickHouseException.Of(168, "QUERY_IS_TOO_LARGE", $"A statement without data may have {QueryBytesMax} bytes");
    }

    void Grow()
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(_text.Length * 2);
        _text.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_text);
        _text = larger;
    }

    async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken stop)
    {
        try
        {
            return await _stream.ReadAsync(into, stop);
        }
        catch (Exception e) when (e is EndOfStreamException or not (IOException or OperationCanceledException))
        {
            throw ClickHouseException.Of(271, "CANNOT_DECOMPRESS", "The body is not what its Content-Encoding says");
        }
    }

    static Stream Decompress(HttpRequest http) => http.Headers.ContentEncoding.ToString().ToLowerInvariant() switch
    {
        "" or "identity" => http.Body,
        "gzip" or "x-gzip" => new GZipStream(http.Body, CompressionMode.Decompress),
        "br" => new BrotliStream(http.Body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(http.Body, CompressionMode.Decompress),
        "zstd" => new ZstdSharp.DecompressionStream(http.Body),
        "lz4" => Lz4Compressor.Default.Decompress(http.Body, leaveOpen: true),
        var other => throw ClickHouseException.Of(48, "NOT_IMPLEMENTED", $"Content-Encoding '{other}' is not one of gzip, br, deflate, zstd, lz4"),
    };
}
