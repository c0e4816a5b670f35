using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using ClickHouse.Driver.Compression;
using Microsoft.AspNetCore.Http;
using Weir.Ingest.Embedded.Engine;

namespace Weir.Ingest.Embedded.Server;

/// <summary>A statement's answer. Its beginning is held back, so that an error that comes early still gets a status of its own.</summary>
internal sealed class QueryResponse(HttpContext http, ServerFacts server, TimeProvider time) : IDisposable
{
    /// <summary>How much is held back before the first byte goes out; ClickHouse's http_response_buffer_size is as large.</summary>
    const int HeldBytes = 1024 * 1024;

    /// <summary>Most that wait_end_of_query=1 may hold in memory.</summary>
    const int HeldBytesMax = 256 * 1024 * 1024;

    // The end of an error in the middle of a result may not be longer for clients to find it.
    const int ErrorTextMax = 16 * 1024;

    readonly long _started = time.GetTimestamp();
    readonly string _tag = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 16);
    readonly ArrayBufferWriter<byte> _held = new();
    Stream? _body;
    QueryCounters _counters;

    /// <summary>Set once the request is understood; before that, answers carry only the server's own headers.</summary>
    public QueryRequest? Request { get; set; }

    /// <summary>Format of the result.</summary>
    public string? Format { get; set; }

    /// <summary>Takes a part of the result.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        if (_body is null)
        {
            bool waits = Request is { WaitsForEnd: true };
            if (_held.WrittenCount + bytes.Length <= (waits ? HeldBytesMax : HeldBytes))
            {
                _held.Write(bytes.Span);
                return;
            }
            if (waits)
                throw ClickHouseException.Of(396, "TOO_MANY_ROWS_OR_BYTES", "The result is too large for wait_end_of_query=1; leave that out");
            await StartAsync(200, stop);
        }
        await _body!.WriteAsync(bytes, stop);
    }

    /// <summary>Adds to what the summary counts.</summary>
    public void Count(QueryCounters counters) => _counters += counters;

    /// <summary>Ends a result.</summary>
    public async Task FinishAsync(CancellationToken stop)
    {
        if (_body is null) await StartAsync(200, stop);
        await EndBodyAsync();
    }

    /// <summary>Answers with an error: as a status, or when bytes have gone out as ClickHouse's marked end of a broken result.</summary>
    /// <exception cref="BrokenResultException">Bytes have gone out; the error stands at their end.</exception>
    public async Task FailAsync(ClickHouseException error)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
            return;
        }
        byte[] text = Encoding.UTF8.GetBytes(error.Message.TrimEnd('\n') + "\n");
        if (_body is null)
        {
            _held.ResetWrittenCount();
            _held.Write(text);
            http.Response.Headers["X-ClickHouse-Exception-Code"] = error.Code.ToString(CultureInfo.InvariantCulture);
            Format = null;
            await StartAsync(error.Status, CancellationToken.None);
            await EndBodyAsync();
            return;
        }
        if (text.Length > ErrorTextMax) text = [.. text.AsSpan(0, ErrorTextMax - 1), (byte)'\n'];
        // In one write: clients look for it in the last piece that they read.
        byte[] tail =
        [
            .. Encoding.ASCII.GetBytes($"\r\n__exception__\r\n{_tag}\r\n"), .. text,
            .. Encoding.ASCII.GetBytes($"{text.Length} {_tag}\r\n__exception__\r\n"),
        ];
        await _body.WriteAsync(tail);
        if (_body != http.Response.Body) await _body.DisposeAsync();
        // The web server sends what is written, then closes without the last chunk: nobody takes the result for whole.
        throw new BrokenResultException();
    }

    public void Dispose() => _held.Clear();

    async Task StartAsync(int status, CancellationToken stop)
    {
        HttpResponse response = http.Response;
        response.StatusCode = status;
        IHeaderDictionary headers = response.Headers;
        headers.ContentType = ContentTypes.Of(Format);
        headers["X-ClickHouse-Server-Display-Name"] = server.DisplayName;
        headers["X-ClickHouse-Timezone"] = server.TimeZone;
        headers["X-ClickHouse-Exception-Tag"] = _tag;
        if (Format is not null) headers["X-ClickHouse-Format"] = Format;
        if (Request is not null)
        {
            headers["X-ClickHouse-Query-Id"] = Request.QueryId;
            headers["X-ClickHouse-Summary"] = Summary();
        }
        _body = HttpMethods.IsHead(http.Request.Method) ? Stream.Null : Compress(response);
        if (_held.WrittenCount > 0) await _body.WriteAsync(_held.WrittenMemory, stop);
        _held.Clear();
    }

    async Task EndBodyAsync()
    {
        if (_body != http.Response.Body) await _body!.DisposeAsync();
        await http.Response.CompleteAsync();
    }

    string Summary()
    {
        long nanoseconds = (long)(time.GetElapsedTime(_started).TotalMilliseconds * 1_000_000);
        return $$"""{"read_rows":"{{_counters.ReadRows}}","read_bytes":"{{_counters.ReadBytes}}","written_rows":"{{_counters.WrittenRows}}","written_bytes":"{{_counters.WrittenBytes}}","total_rows_to_read":"0","result_rows":"{{_counters.ResultRows}}","result_bytes":"{{_counters.ResultBytes}}","elapsed_ns":"{{nanoseconds}}"}""";
    }

    Stream Compress(HttpResponse response)
    {
        if (Request is not { WantsCompression: true }) return response.Body;
        string accepted = http.Request.Headers.AcceptEncoding.ToString();
        foreach (string encoding in (ReadOnlySpan<string>)["gzip", "zstd", "lz4", "br", "deflate"])
        {
            if (!accepted.Contains(encoding, StringComparison.OrdinalIgnoreCase)) continue;
            response.Headers.ContentEncoding = encoding;
            return encoding switch
            {
                "gzip" => new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true),
                "zstd" => new ZstdSharp.CompressionStream(response.Body, level: 1, leaveOpen: true),
                "lz4" => Lz4Compressor.Default.Compress(response.Body, leaveOpen: true),
                "br" => new BrotliStream(response.Body, CompressionLevel.Fastest, leaveOpen: true),
                _ => new ZLibStream(response.Body, CompressionLevel.Fastest, leaveOpen: true),
            };
        }
        return response.Body;
    }
}

/// <summary>A result broke off after its first bytes had gone out; thrown to the web server, which closes the connection.</summary>
internal sealed class BrokenResultException : Exception;

/// <summary>What the server tells of itself in every answer.</summary>
internal sealed record ServerFacts(string DisplayName, string TimeZone);
