using System.Net;
using System.Net.Sockets;

namespace Weir.Reporting;

/// <summary>Ports for programs under measurement.</summary>
public static class LoopbackPort
{
    /// <summary>A port of the loopback address that nobody listens on now.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
