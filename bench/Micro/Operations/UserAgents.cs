using System.Buffers;
using System.Collections.Concurrent;

namespace Weir.Micro.Operations;

/// <summary>Reads user agents past the cache: every token of the catalog, and the shape.</summary>
internal struct ReadTokens : IWork
{
    private string[] _userAgents;

    public void SetUp() => _userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings();

    public readonly int Once(int i) => SharedCatalog.Value.ReadUserAgentAnew(_userAgents[i & (_userAgents.Length - 1)]).Crawler;
}

/// <summary>Finds the first of the same tokens by the framework's own search: no boundaries, no longest name.</summary>
internal struct SearchTokens : IWork
{
    private string[] _userAgents;
    private SearchValues<string> _tokens;

    public void SetUp()
    {
        _userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings();
        _tokens = SearchValues.Create([.. SharedCatalog.Value.Crawlers.SelectMany(c => c.Tokens)], StringComparison.OrdinalIgnoreCase);
    }

    public readonly int Once(int i) => _userAgents[i & (_userAgents.Length - 1)].AsSpan().IndexOfAny(_tokens);
}

/// <summary>Asks for one token after the other.</summary>
internal struct ContainTokens : IWork
{
    private string[] _userAgents;
    private string[] _tokens;

    public static int PerBatch => 16;

    public void SetUp()
    {
        _userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings();
        _tokens = [.. SharedCatalog.Value.Crawlers.SelectMany(c => c.Tokens)];
    }

    public readonly int Once(int i)
    {
        string userAgent = _userAgents[i & (_userAgents.Length - 1)];
        int found = 0;
        foreach (string token in _tokens)
            found += userAgent.Contains(token, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        return found;
    }
}

/// <summary>Finds the reading of a user agent that was met before.</summary>
internal struct CacheHit : IWork
{
    private string[] _userAgents;

    public void SetUp() => _userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings();

    public readonly int Once(int i) => SharedCatalog.Value.ReadUserAgent(_userAgents[i & (_userAgents.Length - 1)], out _).Crawler;
}

/// <summary>The same in a dictionary that is never emptied.</summary>
internal struct DictionaryHit : IWork
{
    private string[] _userAgents;
    private ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _readings;

    public void SetUp()
    {
        _userAgents = new UserAgentTexts(1024, botShare: 0.2).ToStrings();
        var readings = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        foreach (string userAgent in _userAgents)
            readings[new string(userAgent)] = userAgent.Length;
        _readings = readings.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public readonly int Once(int i) => _readings.TryGetValue(_userAgents[i & (_userAgents.Length - 1)].AsSpan(), out int reading) ? reading : 0;
}
