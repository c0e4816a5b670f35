using System.Net;
using System.Net.Sockets;

namespace Weir.Detection.Identification;

/// <summary>Finds the addresses of a host name, as the system's resolver does.</summary>
public delegate Task<IPAddress[]> HostResolver(string host, CancellationToken stop);

/// <summary>A name leads to no address that may be connected to.</summary>
/// <param name="host">The name.</param>
/// <param name="hasAddresses">Whether it leads anywhere at all, in a number that can be meant.</param>
public sealed class ForbiddenAddressException(string host, bool hasAddresses)
    : IOException(hasAddresses ? $"{host} leads to an address that is not public." : $"{host} has no address that can be used.")
{
    /// <summary>The name.</summary>
    public string Host => host;

    /// <summary>Whether it leads anywhere at all.</summary>
    public bool HasAddresses => hasAddresses;
}

/// <summary>Connects to names that strangers wrote, by way of public addresses alone. Safe from any thread.</summary>
/// <remarks>The address is judged that is connected to: a name that leads elsewhere a second later (DNS rebinding) gains nothing. Use no proxy with it:
/// that would look the name up itself.</remarks>
/// <param name="resolve">Looks names up.</param>
public sealed class GuardedConnect(HostResolver resolve)
{
    /// <summary>Which addresses may be connected to.</summary>
    public Func<IPAddress, bool> Allows { get; init; } = PublicAddress.IsPublic;

    /// <summary>Whether a name that leads to some such address and to others is connected to by the former. Without it one of the others refuses all:
    /// the next look-up may give that one alone.</summary>
    public bool PassesOverOthers { get; init; }

    /// <summary>A name with more addresses than this is nobody's.</summary>
    public int AddressesMax { get; init; } = int.MaxValue;

    /// <summary>Opens a connection to an address that was found good.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = OpenAsync;

    /// <summary>Connects, for <see cref="SocketsHttpHandler.ConnectCallback"/>: to the addresses in their order until one answers.</summary>
    /// <exception cref="ForbiddenAddressException">It may not be connected to.</exception>
    /// <exception cref="SocketException">The name is not found, or no address answers.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var all = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await resolve(host, stop);
        if (all.Length == 0 || all.Length > AddressesMax)
            throw new ForbiddenAddressException(host, hasAddresses: false);
        var allowed = Array.FindAll(all, a => Allows(a));
        if (allowed.Length == 0 || allowed.Length < all.Length && !PassesOverOthers)
            throw new ForbiddenAddressException(host, hasAddresses: true);
        for (int i = 0; ; i++)
        {
            try
            {
                return await Connect(new IPEndPoint(allowed[i], port), stop);
            }
            catch (SocketException) when (i + 1 < allowed.Length)
            {
                // The next address may be up, or of the family that this machine has.
            }
        }
    }

    internal static async Task<Stream> OpenAsync(IPEndPoint address, CancellationToken stop)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
