using System.Net;
using System.Net.Sockets;

namespace Weir.EndToEnd.Support;

/// <summary>Ports of this machine that nobody uses, for programs that cannot choose one themselves.</summary>
internal static class LoopbackPorts
{
    /// <summary>As many as asked for, all different.</summary>
    public static int[] Free(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        listeners.ForEach(l => l.Dispose());
        return ports;
    }
}
