using System.Collections.Concurrent;
using Weir.Detection;
using Weir.Detection.Signals;

namespace Weir.Micro.Operations;

/// <summary>Classifies requests of known user agents from 10,000 clients: cache, range list, headers and window.</summary>
internal struct ClassifyKnown : IWork
{
    private Detector _detector;
    private string[] _userAgents;
    private ClientAddress[] _clients;

    public void SetUp()
    {
        _detector = new Detector(SharedCatalog.Value, new ClientWindows());
        _userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings();
        _clients = Clients.Requests(10_000);
    }

    public readonly int Once(int i) => _detector.Classify(new RequestFacts
    {
        TimeMs = Clients.TimeMs(i),
        ClientAddress = _clients[i & (_clients.Length - 1)],
        Path = "/pricing",
        UserAgent = _userAgents[i & (_userAgents.Length - 1)],
        Headers = ClassifyHeaders.Browser,
    }).Score;
}

/// <summary>The same by what the framework has at hand: three dictionaries, and a search through sorted prefixes.</summary>
internal struct ClassifyKnownByDictionaries : IWork
{
    private ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _readings;
    private string[] _userAgents;
    private ClientAddress[] _clients;
    private SortedSearch _ranges;
    private DictionaryWindow _windows;

    public void SetUp()
    {
        _userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings();
        var readings = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        foreach (string userAgent in _userAgents)
            readings[userAgent] = userAgent.Contains("compatible", StringComparison.Ordinal) ? 1 : 0;
        _readings = readings.GetAlternateLookup<ReadOnlySpan<char>>();
        _clients = Clients.Requests(10_000);
        _ranges = new SortedSearch(10_000);
        _ranges.SetUp();
        _windows = new DictionaryWindow(10_000);
        _windows.SetUp();
    }

    public readonly int Once(int i)
    {
        _readings.TryGetValue(_userAgents[i & (_userAgents.Length - 1)], out int isBot);
        var client = _clients[i & (_clients.Length - 1)];
        return (isBot == 1 && _ranges.Contains(client.IPv4) ? 1 : 0) + _windows.Count(client.ClientKey, Clients.TimeMs(i));
    }
}

/// <summary>Classifies a request whose user agent was never met. The digits change, the text stays in the processor's cache, as one that
/// was just received would.</summary>
internal struct ClassifyNew(bool isBot) : IWork
{
    private Detector _detector = null!;
    private UserAgentTexts _texts = null!;
    private ClientAddress[] _clients = null!;

    public void SetUp()
    {
        _detector = new Detector(SharedCatalog.Value, new ClientWindows());
        _texts = new UserAgentTexts(1024, isBot ? 1 : 0);
        _clients = Clients.Requests(10_000);
    }

    public readonly int Once(int i) => _detector.Classify(new RequestFacts
    {
        TimeMs = Clients.TimeMs(i),
        ClientAddress = _clients[i & (_clients.Length - 1)],
        UserAgent = _texts.Change(i & (_texts.Count - 1), i),
    }).Score;
}

/// <summary>Classifies requests with a browser's headers, or with none known: the difference is what headers cost.</summary>
internal struct ClassifyHeaders(bool withHeaders) : IWork
{
    private Detector _detector = null!;
    private string[] _userAgents = null!;

    /// <summary>What Chrome 140 sends when somebody opens a page.</summary>
    public static HeaderFacts Browser => new()
    {
        AreKnown = true,
        Accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        AcceptLanguage = "de-DE,de;q=0.9,en;q=0.8",
        AcceptEncoding = "gzip, deflate, br, zstd",
        SecChUa = "\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"140\"",
        SecFetchSite = "none",
        SecFetchMode = "navigate",
        SecFetchDest = "document",
        SecFetchUser = "?1",
        HasUpgradeInsecure = true,
        Transport = Transport.Tls,
        HttpVersion = 20,
    };

    public void SetUp()
    {
        _detector = new Detector(SharedCatalog.Value);
        _userAgents = new UserAgentTexts(1024, botShare: 0).ToStrings();
    }

    public readonly int Once(int i) => _detector.Classify(new RequestFacts
    {
        TimeMs = 0,
        UserAgent = _userAgents[i & (_userAgents.Length - 1)],
        Headers = withHeaders ? Browser : default,
    }).Score;
}
