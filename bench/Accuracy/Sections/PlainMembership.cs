using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;

namespace Weir.Accuracy.Sections;

/// <summary>Which addresses the range lists hold, by the framework's address reader and one hash set per prefix length: nothing that
/// detection does, so that both cannot share an error.</summary>
internal sealed partial class PlainMembership(string folder)
{
    private readonly Dictionary<string, PrefixSet> _lists = new(StringComparer.Ordinal);

    /// <summary>Whether a list of the crawler's own, that holds crawlers alone, holds the address and no network-wide list comes first.</summary>
    public bool MayVerify(Crawler crawler, ClientAddress address) =>
        !crawler.IsForAnyone && !crawler.IsRobotsTokenOnly
        && crawler.RangeLists.FirstOrDefault(list => Of(list).Contains(address)) is { Source.Scope: RangeScope.Crawler };

    /// <summary>Whether any list of the crawler holds the address.</summary>
    public bool IsInside(Crawler crawler, ClientAddress address) => crawler.RangeLists.Any(list => Of(list).Contains(address));

    /// <summary>The prefixes of a list.</summary>
    public PrefixSet Of(RangeList list)
    {
        string key = $"{list.Source.File}#{list.Source.Section}";
        if (!_lists.TryGetValue(key, out var set))
            _lists.Add(key, set = Read(Path.Combine(folder, list.Source.File), list.Source.Section));
        return set;
    }

    private static PrefixSet Read(string file, string? section)
    {
        string text = File.ReadAllText(file);
        if (section is not null)
        {
            using var json = JsonDocument.Parse(text);
            text = json.RootElement.GetProperty(section).GetRawText();
        }
        var set = new PrefixSet();
        foreach (string line in text.Split('\n').Select(l => l.Split('#')[0]))
        {
            foreach (Match match in AddressLike().Matches(line))
                set.Add(match.Groups["address"].Value, match.Groups["length"].Value);
        }
        return set;
    }

    [GeneratedRegex(@"(?<![\w.:])(?<address>(\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*)(/(?<length>\d{1,3}))?(?![\w:])",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex AddressLike();
}

/// <summary>Prefixes as one hash set a length.</summary>
internal sealed class PrefixSet
{
    private readonly Dictionary<int, HashSet<UInt128>> _ipv4 = [];
    private readonly Dictionary<int, HashSet<UInt128>> _ipv6 = [];

    /// <summary>Every prefix: first address, addresses beyond it, family.</summary>
    public List<(UInt128 First, UInt128 HostBits, bool IsIPv4)> Prefixes { get; } = [];

    public void Add(string address, string length)
    {
        if (!IPAddress.TryParse(address, out var parsed))
            return;
        bool isIPv4 = parsed.AddressFamily == AddressFamily.InterNetwork;
        int bits = isIPv4 ? 32 : 128;
        int prefixLength = length.Length == 0 ? bits : int.Parse(length, CultureInfo.InvariantCulture);
        var hostBits = HostBits(bits - prefixLength);
        var first = Number(parsed) & ~hostBits;
        var byLength = isIPv4 ? _ipv4 : _ipv6;
        if (!byLength.TryGetValue(bits - prefixLength, out var set))
            byLength.Add(bits - prefixLength, set = []);
        if (set.Add(first))
            Prefixes.Add((first, hostBits, isIPv4));
    }

    public bool Contains(ClientAddress address)
    {
        var number = address.IsIPv4 ? address.IPv4 : address.Value;
        foreach (var (hostLength, set) in address.IsIPv4 ? _ipv4 : _ipv6)
        {
            if (set.Contains(number & ~HostBits(hostLength)))
                return true;
        }
        return false;
    }

    private static UInt128 HostBits(int length) => length == 128 ? UInt128.MaxValue : (UInt128.One << length) - UInt128.One;

    private static UInt128 Number(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        return bytes.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
