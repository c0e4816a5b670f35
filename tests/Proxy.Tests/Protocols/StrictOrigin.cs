using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Proxy.Tests.Protocols;

/// <summary>An origin that keeps every byte it gets and reads requests by the letter of RFC 9112: what leaves a second reading open is noted as a fault.</summary>
internal sealed class StrictOrigin : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public StrictOrigin()
    {
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>Heads of requests, without the blank line.</summary>
    public ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>Bodies of requests, chunks joined.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>What was ambiguous.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await _listener.AcceptTcpClientAsync());
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            try
            {
                while (await ReadLineAsync(stream) is { } first)
                    await ServeOneAsync(stream, first);
            }
            catch (IOException)
            {
                // The edge closed its connection in the middle of a request, as it does when its client breaks off.
            }
        }
    }

    private async Task ServeOneAsync(NetworkStream stream, string first)
    {
        var lines = new List<string> { first };
        while (await ReadLineAsync(stream) is { Length: > 0 } line)
            lines.Add(line);
        Judge(lines);
        string? length = ValueOf(lines, "Content-Length");
        string body = ValueOf(lines, "Transfer-Encoding") is not null ? await ReadChunksAsync(stream)
            : length is not null ? await ReadAsync(stream, int.Parse(length, CultureInfo.InvariantCulture)) : "";
        Heads.Enqueue(string.Join("\r\n", lines));
        Bodies.Enqueue(body);
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray());
    }

    private void Judge(List<string> lines)
    {
        if (lines[0].Split(' ') is not [var method, ['/', ..], "HTTP/1.1"] || method.Any(c => !char.IsAsciiLetter(c)))
            Faults.Enqueue("request line: " + lines[0]);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':');
            if (colon <= 0 || line[..colon].Any(c => !char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c)) || line.Any(c => c is '\r' or '\n' or '\0'))
                Faults.Enqueue("header line: " + line);
        }
        int framings = lines.Count(l => IsNamed(l, "Content-Length") || IsNamed(l, "Transfer-Encoding"));
        if (framings > 1 || lines.Count(l => IsNamed(l, "Host")) != 1 || ValueOf(lines, "Transfer-Encoding") is not (null or "chunked"))
            Faults.Enqueue("framing or host: " + string.Join(" | ", lines));
    }

    private static bool IsNamed(string line, string name) => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase);

    private static string? ValueOf(List<string> lines, string name) => lines.Find(l => IsNamed(l, name))?[(name.Length + 1)..].Trim();

    private async Task<string> ReadChunksAsync(NetworkStream stream)
    {
        var body = new StringBuilder();
        while (true)
        {
            string size = await ReadLineAsync(stream) ?? throw new IOException("The connection ended in a body.");
            if (size.Length == 0 || size.Any(c => !char.IsAsciiHexDigit(c)))
                Faults.Enqueue("chunk size: " + size);
            int length = int.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Append(await ReadAsync(stream, length));
            if (await ReadLineAsync(stream) is not { Length: 0 })
                Faults.Enqueue("no line end behind a chunk");
            if (length == 0)
                return body.ToString();
        }
    }

    private static async Task<string> ReadAsync(NetworkStream stream, int length)
    {
        byte[] bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    // A line ends with CR LF and nothing else; a bare one stays in it, and is noticed.
    private static async Task<string?> ReadLineAsync(NetworkStream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one) > 0)
        {
            line.Append((char)one[0]);
            if (line.Length >= 2 && line[^2] == '\r' && line[^1] == '\n')
                return line.ToString(0, line.Length - 2);
        }
        return line.Length == 0 ? null : throw new IOException("The connection ended in a line.");
    }
}
