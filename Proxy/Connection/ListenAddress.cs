using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Weir.Proxy.Connection;

/// <summary>Where a server listens: an address, or every address of the machine, and a port.</summary>
/// <param name="Address">The local address; null for every address, IPv4 and IPv6.</param>
/// <param name="Port">TCP port; 0 lets the system choose.</param>
/// <param name="IsHttp2Only">Whether clients speak HTTP/2 without TLS from the first byte ("h2c"), as a gRPC balancer does.</param>
/// <param name="IsHttps">Whether the edge ends TLS there.</param>
/// <param name="HasProxyHeader">Whether every connection begins with a PROXY header that names its client.</param>
public sealed record ListenAddress(IPAddress? Address, int Port, bool IsHttp2Only = false, bool IsHttps = false, bool HasProxyHeader = false)
{
    /// <summary>What may be written, for error messages.</summary>
    public const string Rule = "a port such as 8080, an address and port such as 127.0.0.1:8080, or a URL such as https://:8443";

    private const string ProxyWord = "proxy-protocol";

    /// <summary>Reads <c>8080</c>, <c>:8080</c>, <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>localhost:8080</c> or these as an http,
    /// https or h2c URL; behind any of them, after a blank, <c>proxy-protocol</c>. Never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ListenAddress? address)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        var rest = text.AsSpan().Trim();
        bool hasProxyHeader = TryTakeProxyWord(ref rest);
        bool isHttp2Only = rest.StartsWith("h2c://", StringComparison.OrdinalIgnoreCase);
        bool isHttps = rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (isHttp2Only)
            rest = rest[6..];
        else if (isHttps)
            rest = rest[8..];
        else if (rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            rest = rest[7..];
        rest = rest.TrimEnd('/');
        int colon = rest.LastIndexOf(':');
        var host = colon < 0 ? default : rest[..colon];
        if (!TryReadPort(rest[(colon + 1)..], out int port) || !TryReadHost(host, out var ip))
            return false;
        address = new ListenAddress(ip, port, isHttp2Only, isHttps, hasProxyHeader);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(IsHttp2Only ? "h2c" : IsHttps ? "https" : "http")}://{(Address is null ? "*" : Address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } ? $"[{Address}]" : Address.ToString())}:{Port}{(HasProxyHeader ? " " + ProxyWord : "")}";

    private static bool TryTakeProxyWord(ref ReadOnlySpan<char> text)
    {
        if (!text.EndsWith(ProxyWord, StringComparison.OrdinalIgnoreCase) || text.Length == ProxyWord.Length || !char.IsWhiteSpace(text[^(ProxyWord.Length + 1)]))
            return false;
        text = text[..^ProxyWord.Length].TrimEnd();
        return true;
    }

    private static bool TryReadPort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out port) && port is >= 0 and <= 65535;

    private static bool TryReadHost(ReadOnlySpan<char> host, out IPAddress? address)
    {
        address = null;
        if (host.IsEmpty || host is "*" or "+")
            return true;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            address = IPAddress.Loopback;
            return true;
        }
        bool isBracketed = host[0] == '[' && host[^1] == ']';
        if (host.Contains(':') && !isBracketed)
            return false;
        if (isBracketed)
            host = host[1..^1];
        else if (host.Count('.') != 3)
            return false;
        return IPAddress.TryParse(host, out address);
    }
}
