using System.Net;

namespace Weir.Detection.Identification;

/// <summary>Asks DNS which addresses a host leads to: DNS itself, past this machine's own hosts file and caches. Safe from any thread.</summary>
/// <param name="servers">The DNS servers to ask; empty for the system's.</param>
/// <param name="time">Clock.</param>
public sealed class HostAddresses(IReadOnlyList<IPEndPoint> servers, TimeProvider time)
{
    private readonly DnsLookups _lookups = new(new ReverseDnsOptions { Servers = servers }, time);

    /// <summary>The addresses of both kinds, aliases followed.</summary>
    /// <returns>None when DNS says for certain that there is none; null when it did not answer.</returns>
    public async Task<IReadOnlyList<IPAddress>?> OfAsync(string host, CancellationToken stop)
    {
        var found = await Task.WhenAll(_lookups.AddressesAsync(host, isV6: false, stop), _lookups.AddressesAsync(host, isV6: true, stop));
        return found[0] is { } four && found[1] is { } six ? [.. four, .. six] : null;
    }
}
