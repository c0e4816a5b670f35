namespace Weir.Detection.Identification;

/// <summary>Which lists are too odd to be true. A poisoned or broken list would verify strangers, so it is refused whole.</summary>
internal static class RangeListRules
{
    /// <summary>The widest IPv4 prefix believed: no crawler needs more than a /8.</summary>
    public const int WidestIPv4 = 8;

    /// <summary>The widest IPv6 prefix believed: the largest allocation to one network is a /19.</summary>
    public const int WidestIPv6 = 19;

    // RFC 6890 and its registries: space that no crawler can come from across the internet.
    private static readonly Prefix[] Reserved = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "224.0.0.0/3", "::/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8");

    public static void ThrowIfAbsurd(string file, IReadOnlyList<Prefix> prefixes, RangeList? previous)
    {
        if (prefixes.Count == 0)
        {
            throw new RangeListException(RefusalReason.Empty, file, "", "the list holds no prefix.",
                "Fetch it again, or take the file out of rangeLists.");
        }
        for (int i = 0; i < prefixes.Count; i++)
            ThrowIfAbsurd(file, prefixes[i], i);
        if (previous is not null)
            ThrowIfHalfIsLost(file, prefixes, previous);
    }

    private static void ThrowIfAbsurd(string file, in Prefix prefix, int position)
    {
        string place = $"prefix {position + 1}";
        if (prefix.Length < (prefix.IsIPv4 ? WidestIPv4 : WidestIPv6))
        {
            throw new RangeListException(RefusalReason.TooWide, file, place, $"a /{prefix.Length} is wider than any crawler's network.",
                $"Narrower than /{WidestIPv4} (IPv4) and /{WidestIPv6} (IPv6) is believed; check the publisher's page.");
        }
        foreach (var reserved in Reserved)
        {
            if (!prefix.Overlaps(reserved))
                continue;
            throw new RangeListException(RefusalReason.PrivateSpace, file, place, "the prefix is private or reserved space.",
                "Remove it: requests from there are never an operator's crawler.");
        }
    }

    private static void ThrowIfHalfIsLost(string file, IReadOnlyList<Prefix> prefixes, RangeList previous)
    {
        // Counted by what is still covered, not by lines: a publisher may join neighbours without losing an address.
        var ipv4 = new IPv4Intervals(prefixes.Where(p => p.IsIPv4));
        var ipv6 = new IPv6Intervals(prefixes.Where(p => !p.IsIPv4));
        int kept = previous.Prefixes.Count(p => p.IsIPv4 ? ipv4.Contains((uint)p.First) : ipv6.Contains(p.First));
        if (kept * 2 >= previous.Prefixes.Count)
            return;
        throw new RangeListException(RefusalReason.LostHalf, file, "",
            $"only {kept} of the {previous.Prefixes.Count} prefixes in use (version {previous.Version}) are still inside.",
            "If the operator really moved, delete the old file and load the new one.");
    }

    private static Prefix[] Parse(params string[] texts) =>
        Array.ConvertAll(texts, t => Prefix.TryParse(t, out var p) ? p : throw new InvalidOperationException(t));
}
