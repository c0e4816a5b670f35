using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>Takes the PROXY header off connections of a listener that asks for it: the client that it names becomes the connection's peer.</summary>
/// <remarks>Every connection there must begin with one, and only trusted proxies may make any. To serve the others as they come would let
/// whoever finds the address go around the balancer; to guess whether a header is there, let clients write their own.</remarks>
internal sealed class ProxyProtocol(TrustedProxies trusted, EdgeMetrics metrics, TimeProvider time, ILogger<ProxyProtocol> log)
{
    // The header is the balancer's first packet. Long enough for a lost one to be sent again twice.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private int _logged;

    /// <summary>Reads the header and takes it off. Stands before TLS.</summary>
    public ConnectionDelegate Read(ConnectionDelegate next) => async connection =>
    {
        if (await TryReadAsync(connection))
            await next(connection);
    };

    private async ValueTask<bool> TryReadAsync(ConnectionContext connection)
    {
        if (!trusted.Contains(ClientAddress.From((connection.RemoteEndPoint as IPEndPoint)?.Address)))
            return Refuse(connection, Refusal.ProxyUntrusted);
        try
        {
            return await ReadAsync(connection);
        }
        catch (OperationCanceledException)
        {
            return Refuse(connection, Refusal.ProxyHeaderSlow);
        }
        catch (IOException)
        {
            return false; // the balancer left
        }
    }

    private async ValueTask<bool> ReadAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = new CancellationTokenSource(Patience, time);
        while (true)
        {
            var read = await input.ReadAsync(patience.Token);
            switch (ProxyHeader.Read(read.Buffer, out var header))
            {
                case ProxyHeaderRead.Whole:
                    input.AdvanceTo(read.Buffer.GetPosition(header.Length));
                    Apply(header, connection);
                    return true;
                case ProxyHeaderRead.Incomplete when !read.IsCompleted:
                    input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                    break;
                case ProxyHeaderRead.Incomplete when read.Buffer.IsEmpty:
                    return Leave(input, read.Buffer); // a balancer that only tries whether the port is open
                case ProxyHeaderRead.Missing:
                    Leave(input, read.Buffer);
                    return Refuse(connection, Refusal.ProxyHeaderMissing);
                default:
                    Leave(input, read.Buffer);
                    return Refuse(connection, Refusal.ProxyHeaderMalformed);
            }
        }
    }

    private static void Apply(in ProxyHeader header, ConnectionContext connection)
    {
        if (!header.IsRelayed)
            return;
        if (header.Client.IsKnown)
            connection.RemoteEndPoint = new IPEndPoint(header.Client.ToIPAddress(), header.Port);
        else
            connection.Features.Set(UnknownClient.Instance);
        // Kestrel takes the scheme from it, so that nobody who came by https is sent there once more.
        if (header.Tls != SslProtocols.None)
            connection.Features.Set<ITlsConnectionFeature>(new RelayedTls(header.Tls));
    }

    private static bool Leave(PipeReader input, in ReadOnlySequence<byte> seen)
    {
        input.AdvanceTo(seen.End);
        return false;
    }

    private bool Refuse(ConnectionContext connection, Refusal why)
    {
        metrics.Refused(why);
        // Once for each reason: whoever finds the port could fill the log.
        if ((Interlocked.Or(ref _logged, 1 << (int)why) & (1 << (int)why)) == 0)
            log.ProxyHeaderRefused(connection.LocalEndPoint?.ToString() ?? "", why.Word());
        connection.Abort(new ConnectionAbortedException("The connection did not begin with a PROXY header of a trusted proxy."));
        return false;
    }
}

/// <summary>Marks a connection whose balancer passes a client on that it does not know: what that client forwards is not believed, though the
/// peer is a trusted proxy.</summary>
internal sealed class UnknownClient
{
    private UnknownClient()
    {
    }

    /// <summary>The mark.</summary>
    public static UnknownClient Instance { get; } = new();
}

/// <summary>TLS that the balancer in front ended.</summary>
/// <param name="version">Its version.</param>
internal sealed class RelayedTls(SslProtocols version) : ITlsConnectionFeature
{
    /// <summary>The version that the client spoke.</summary>
    public SslProtocols Version { get; } = version;

    /// <inheritdoc/>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <inheritdoc/>
    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
