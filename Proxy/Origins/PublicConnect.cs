using System.Net;
using System.Net.Sockets;
using Weir.Detection.Identification;

namespace Weir.Proxy.Origins;

/// <summary>Finds the addresses of a host name, as the system's resolver does.</summary>
internal delegate Task<IPAddress[]> HostResolver(string host, CancellationToken stop);

/// <summary>Connects to names by way of public addresses alone.</summary>
/// <remarks>The address is judged that is connected to: a name that leads elsewhere a second later (DNS rebinding) gains nothing.</remarks>
internal sealed class PublicConnect(HostResolver resolve)
{
    /// <summary>Connects, for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="PrivateAddressException">The name leads into private networks only.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await resolve(host, stop);
        var allowed = Array.FindAll(addresses, PublicAddress.IsPublic);
        if (allowed.Length == 0 && addresses.Length > 0)
            throw new PrivateAddressException(host);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A name leads into a private network, and may not.</summary>
internal sealed class PrivateAddressException(string host) : IOException($"{host} leads to private addresses only.");
