namespace Weir.Micro.Operations;

/// <summary>Every operation, named once: Weir's before its peers in each group.</summary>
public static class AllOperations
{
    private const string Known = "classify, user agent seen before";
    private const string NewBrowser = "classify, new user agent of a browser";
    private const string NewBot = "classify, new user agent of a bot";
    private const string Tokens = "all tokens in one user agent";
    private const string Cache = "verdict cache, hit";
    private const string Headers = "header signals";
    private const string Country = "country of an IPv4 address";
    private const string Room = "a hit written by one of two threads at once, and read";
    private const string Decision = "scheduler's decision, 500,000 targets";
    private const string Job = "all that the edge does beside forwarding";

    /// <summary>All of them, each time anew.</summary>
    public static IReadOnlyList<Operation> List() =>
    [
        Ours(Known, "classify-known", (250, 120), new ClassifyKnown()),
        Peer(Known, "classify-known/dictionaries", new ClassifyKnownByDictionaries()),
        Ours(NewBrowser, "classify-new-browser", (1000, 500), new ClassifyNew(isBot: false)),
        Ours(NewBot, "classify-new-bot", (1000, 500), new ClassifyNew(isBot: true)),
        Ours(Tokens, "tokens", default, new ReadTokens()),
        Peer(Tokens, "tokens/search-values", new SearchTokens()),
        Peer(Tokens, "tokens/contains", new ContainTokens()),
        Ours(Cache, "cache-hit", default, new CacheHit()),
        Peer(Cache, "cache-hit/concurrent-dictionary", new DictionaryHit()),
        Ours(Headers, "classify-headers", default, new ClassifyHeaders(withHeaders: true)),
        Peer(Headers, "classify-headers/none", new ClassifyHeaders(withHeaders: false)),
        Ours(Job, "edge-job", (1000, 1000), new EdgeJob()),
        new ChannelTransfer(Room, "hit-channel", isOurs: true, (100, 60)), new ChannelTransfer(Room, "hit-channel/bounded-channel", isOurs: false, default),
        .. Ranges(isIPv4: true, 10_000, (25, 18)), .. Ranges(isIPv4: true, 100_000, (45, 32)), .. Ranges(isIPv4: true, 1_000_000, (70, 50)),
        .. Ranges(isIPv4: false, 10_000, (80, 40)),
        Ours(Country, "country", default, new FindCountry()),
        Peer(Country, "country/maxmind-reader", new FindCountryByReader()),
        Ours(Decision, "decision-scan-500k", (20_000, 5_000), new Decide(500_000, isScan: true)),
        Ours(Decision, "decision-signal-500k", (20_000, 5_000), new Decide(500_000, isScan: false)),
        .. Windows(10_000, (40, 25)), .. Windows(1_000_000, (150, 100)),
    ];

    private static Operation[] Ranges(bool isIPv4, int prefixes, (int Must, int Aim) asked)
    {
        string group = $"{(isIPv4 ? "IPv4" : "IPv6")} lookup, {prefixes:N0} prefixes", name = $"{(isIPv4 ? "ipv4" : "ipv6")}-{prefixes / 1000}k";
        return [Ours(group, name, asked, new RangeLookup(isIPv4, prefixes)), isIPv4
            ? Peer(group, name + "/sorted-search", new SortedSearch(prefixes)) : Peer(group, name + "/hash-per-length", new HashPerLength(prefixes))];
    }

    private static Operation[] Windows(int clients, (int Must, int Aim) asked)
    {
        string group = $"window update, {clients:N0} clients", name = $"window-{clients / 1000}k";
        return [Ours(group, name, asked, new WindowUpdate(clients, withAnswer: false)),
            Ours(group, name + "-answered", default, new WindowUpdate(clients, withAnswer: true)),
            Peer(group, name + "/concurrent-dictionary", new DictionaryWindow(clients))];
    }

    private static Operation<TWork> Ours<TWork>(string group, string name, (int Must, int Aim) asked, TWork work) where TWork : struct, IWork =>
        new(group, name, isOurs: true, asked, work);

    private static Operation<TWork> Peer<TWork>(string group, string name, TWork work) where TWork : struct, IWork =>
        new(group, name, isOurs: false, default, work);
}
