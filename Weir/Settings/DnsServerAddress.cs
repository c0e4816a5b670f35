using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Weir.Settings;

/// <summary>The address of a DNS server as people write it.</summary>
internal static class DnsServerAddress
{
    /// <summary>What can be written, for error messages.</summary>
    public const string Rule = "an address, with a port when it is not 53, such as 192.0.2.53, 127.0.0.1:5353 or [2001:db8::53]:53";

    private const int DnsPort = 53;

    /// <summary>Reads one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? server)
    {
        // IPEndPoint takes 1 for 0.0.0.1, which nobody means.
        if (!IPEndPoint.TryParse(text, out server) || (!text.Contains(':') && text.Count(c => c == '.') != 3))
            return false;
        if (server.Port == 0)
            server.Port = DnsPort;
        return true;
    }
}
