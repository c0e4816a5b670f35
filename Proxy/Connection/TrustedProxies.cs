using System.Net;
using System.Net.Sockets;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>The prefixes whose forwarded headers are believed. Immutable.</summary>
public sealed class TrustedProxies
{
    // Disjoint and sorted, so that one binary search answers; a CDN lists some hundred prefixes.
    private readonly UInt128[] _starts;
    private readonly UInt128[] _ends;

    /// <summary>Compiles a list of prefixes; IPv4 ones also match their <c>::ffff:</c> form.</summary>
    public TrustedProxies(IEnumerable<IPNetwork> prefixes)
    {
        var ranges = prefixes.Select(RangeOf).OrderBy(r => r.Start).ToList();
        var starts = new List<UInt128>(ranges.Count);
        var ends = new List<UInt128>(ranges.Count);
        foreach (var (start, end) in ranges)
        {
            if (ends.Count > 0 && start <= ends[^1])
            {
                ends[^1] = UInt128.Max(ends[^1], end);
                continue;
            }
            starts.Add(start);
            ends.Add(end);
        }
        _starts = [.. starts];
        _ends = [.. ends];
    }

    /// <summary>Whether an address is a configured proxy. Allocates nothing.</summary>
    public bool Contains(ClientAddress address)
    {
        if (!address.IsKnown)
            return false;
        // By hand: the library's search boxes what it looks for.
        int low = 0, high = _starts.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_starts[middle] <= address.Value)
                low = middle + 1;
            else
                high = middle;
        }
        return low > 0 && address.Value <= _ends[low - 1];
    }

    private static (UInt128 Start, UInt128 End) RangeOf(IPNetwork prefix)
    {
        bool isIPv4 = prefix.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        int length = isIPv4 ? prefix.PrefixLength + 96 : prefix.PrefixLength;
        UInt128 hostBits = length == 0 ? UInt128.MaxValue : (UInt128.One << (128 - length)) - 1;
        UInt128 start = ClientAddress.From(prefix.BaseAddress).Value & ~hostBits;
        return (start, start | hostBits);
    }
}
