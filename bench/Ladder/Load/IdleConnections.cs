using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Ladder.Load;

/// <summary>Connections that were used once and are kept.</summary>
internal static class IdleConnections
{
    /// <summary>How many: what a server keeps for browsers that read.</summary>
    public const int Count = 8000;

    private static readonly byte[] Request = Encoding.ASCII.GetBytes($"GET /pricing HTTP/1.1\r\nHost: {RequestFile.Host}\r\nUser-Agent: Mozilla/5.0\r\n\r\n");

    /// <summary>Bytes of memory that each kept connection costs a server.</summary>
    /// <param name="port">Server on the loopback address.</param>
    /// <param name="memory">What the server takes now.</param>
    public static double BytesOfOne(int port, Func<long> memory)
    {
        // The first ones pay for buffers and code that all share.
        var warm = Open(port, 500);
        long before = Settled(memory);
        var kept = Open(port, Count);
        long after = Settled(memory);
        foreach (var socket in warm.Concat(kept))
            socket.Dispose();
        return (after - before) / (double)Count;
    }

    private static List<Socket> Open(int port, int count)
    {
        byte[] buffer = new byte[16 * 1024];
        var sockets = new List<Socket>(count);
        for (int i = 0; i < count; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
            // Every loopback address has ports of its own.
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + (i % 4))]), 0));
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(Request);
            if (socket.Receive(buffer) == 0)
                throw new IOException("The server closed the connection.");
            sockets.Add(socket);
        }
        return sockets;
    }

    // The least of some looks: a collector gives back what it had for a moment.
    private static long Settled(Func<long> memory)
    {
        long least = long.MaxValue;
        using var pause = new ManualResetEventSlim();
        for (int i = 0; i < 5; i++)
        {
            pause.Wait(TimeSpan.FromSeconds(1));
            least = Math.Min(least, memory());
        }
        return least;
    }
}
