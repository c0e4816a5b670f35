using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Weir.Detection.Identification;

namespace Weir.Hosting;

/// <summary>Says whether a site's host name leads to this machine, and again whenever that changes.</summary>
/// <remarks>A machine behind an address translator does not know its public address; then the advice says what was found, not what is wrong.</remarks>
internal static class DnsWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Prints the state now and its changes until stopped.</summary>
    public static async Task RunAsync(string host, HostAddresses dns, TextWriter print, TimeProvider time, CancellationToken stop)
    {
        string? last = null;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                string state = await dns.OfAsync(host, stop) is { } found ? Describe(host, found, OwnAddresses()) : $"no DNS server answers for {host}: asked again soon";
                if (state != last)
                    print.WriteLine($"  DNS        {state}");
                last = state;
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    /// <summary>One sentence: whether the name leads here, and otherwise which record to set.</summary>
    internal static string Describe(string host, IReadOnlyList<IPAddress> found, IReadOnlyList<IPAddress> own)
    {
        if (found.Any(own.Contains))
        {
            // A forgotten AAAA record beside a new A record sends half of the clients past us.
            var others = found.Where(a => !own.Contains(a)).Take(4).ToList();
            return $"{host} points here ({found.First(own.Contains)})"
                + (others.Count == 0 ? "" : $", and also to {string.Join(", ", others)}: remove that record, unless another Weir answers there");
        }
        string records = string.Join(" or ", own.Where(IsPublic)
            .Select(a => $"{(a.AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA")} {a}"));
        string mend = records.Length > 0
            ? $"set {records}, or a CNAME to this machine's name"
            : "set an A or AAAA record with this machine's public address (it has only private ones itself), or a CNAME to its name";
        return found.Count == 0
            ? $"{host} does not resolve yet: {mend}"
            : $"{host} does not point here yet, it resolves to {string.Join(", ", found.Take(4))}: {mend}";
    }

    /// <summary>This machine's addresses that the world may know.</summary>
    public static IReadOnlyList<IPAddress> PublicAddresses() => [.. OwnAddresses().Where(IsPublic)];

    private static List<IPAddress> OwnAddresses() => [.. NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up)
        .SelectMany(n => n.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .Where(a => !a.IsIPv6LinkLocal)];

    private static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return !IPAddress.IsLoopback(address) && !address.IsIPv6UniqueLocal;
        byte[] b = address.GetAddressBytes();
        return !(b[0] is 10 or 127 || (b[0] == 172 && b[1] is >= 16 and < 32) || (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254)
            || (b[0] == 100 && b[1] is >= 64 and < 128));
    }
}
