using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>Reads each client's TLS greeting once, before the handshake, and leaves what it shows on the connection.</summary>
/// <remarks>Kestrel can hand over the greeting too, but not where certificates are chosen by name. The first TLS record is read. A greeting
/// that a client cut over several is not seen, and then nothing is held against anybody.</remarks>
internal sealed class TlsGreeting(TimeProvider time)
{
    private const int HeaderBytes = 5;

    // RFC 8446 section 5.1: 2^14 bytes of plaintext in a record.
    private const int RecordBytesMax = HeaderBytes + (1 << 14);

    // As long as Kestrel waits for a whole handshake.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Looks at the greeting and leaves its bytes where they are, for the handshake. Stands before TLS.</summary>
    public ConnectionDelegate Read(ConnectionDelegate next) => async connection =>
    {
        if (await TryReadAsync(connection))
            await next(connection);
    };

    private async ValueTask<bool> TryReadAsync(ConnectionContext connection)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            await ReadAsync(connection, patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The client sent no TLS greeting in time."));
            return false;
        }
        catch (IOException)
        {
            return false; // the client left
        }
    }

    private static async ValueTask ReadAsync(ConnectionContext connection, CancellationToken stop)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(stop);
            var seen = read.Buffer;
            long length = RecordLength(seen);
            if (length > seen.Length && !read.IsCompleted)
            {
                input.AdvanceTo(seen.Start, seen.End);
                continue;
            }
            if (length <= seen.Length && TlsFacts.Read(seen.Slice(0, length)) is { } facts)
                connection.Features.Set(facts);
            input.AdvanceTo(seen.Start, seen.Start);
            return;
        }
    }

    // What more has to come; 0 for bytes that begin no greeting, which the handshake may refuse.
    private static long RecordLength(in ReadOnlySequence<byte> seen)
    {
        if (seen.Length < HeaderBytes)
            return HeaderBytes;
        Span<byte> header = stackalloc byte[HeaderBytes];
        seen.Slice(0, HeaderBytes).CopyTo(header);
        int length = HeaderBytes + ((header[3] << 8) | header[4]);
        return header[0] == 0x16 && length <= RecordBytesMax ? length : 0;
    }
}
