using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Proxy.Tests;

/// <summary>An origin that sends these bytes to whoever connects, and hangs up.</summary>
internal sealed class RawOrigin : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RawOrigin(string answer)
    {
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = AnswerAsync(answer);
    }

    public Uri Url { get; }

    public void Dispose() => _listener.Dispose();

    private async Task AnswerAsync(string answer)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            _ = await stream.ReadAsync(new byte[4096]);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        }
    }
}
