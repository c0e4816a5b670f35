using System.Net.Sockets;
using System.Text;

namespace Weir.Proxy.Tests;

/// <summary>A TCP connection that sends what it is told and reads what comes. Texts are Latin-1, so that every byte can be written.</summary>
internal sealed class RawConnection(TcpClient tcp) : IDisposable
{
    private readonly NetworkStream _stream = tcp.GetStream();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), Stop);

    /// <summary>Everything up to and with <paramref name="end"/>, or to the end of the connection.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var text = new StringBuilder();
        byte[] one = new byte[1];
        try
        {
            while (!text.ToString().EndsWith(end, StringComparison.Ordinal) && await _stream.ReadAsync(one, Stop) > 0)
                text.Append((char)one[0]);
        }
        catch (IOException)
        {
            // The other end cut the connection: what came before is what there is.
        }
        return text.ToString();
    }

    /// <summary>So many bytes, or what comes before the end of the connection.</summary>
    public async Task<string> ReadAsync(int bytes)
    {
        byte[] buffer = new byte[bytes];
        try
        {
            return Encoding.Latin1.GetString(buffer, 0, await _stream.ReadAtLeastAsync(buffer, bytes, throwOnEndOfStream: false, Stop));
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Response head, up to the blank line.</summary>
    public Task<string> ReadHeadAsync() => ReadUntilAsync("\r\n\r\n");

    /// <summary>Everything until the other end closes.</summary>
    public Task<string> ReadToEndAsync() => ReadUntilAsync("\0never\0");

    /// <summary>Says that nothing more will be sent; answers can still come.</summary>
    public void EndSending() => tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        tcp.Client.LingerState = new LingerOption(true, 0);
        tcp.Close();
    }

    public void Dispose() => tcp.Dispose();
}
