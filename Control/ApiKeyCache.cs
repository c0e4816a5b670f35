using System.Collections.Concurrent;

namespace Weir.Control;

/// <summary>Keys found lately, by the hash of their text, for a few seconds; so that a busy client costs no query per request.</summary>
/// <remarks>Only found keys are kept: strangers who guess cannot fill it. When it is full it starts again empty.</remarks>
internal sealed class ApiKeyCache(TimeProvider time)
{
    // How late another process may notice that a key was revoked.
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    // A thousand clients at a time is far above one installation's; at some 500 bytes each this stays below a megabyte.
    private const int MaxEntries = 1000;

    private readonly ConcurrentDictionary<string, (ApiKey Key, DateTimeOffset Until)> _byHash = new(StringComparer.Ordinal);

    public ApiKey? Find(byte[] hash) =>
        _byHash.TryGetValue(Convert.ToHexString(hash), out var entry) && time.GetUtcNow() < entry.Until ? entry.Key : null;

    public void Keep(byte[] hash, ApiKey key)
    {
        if (_byHash.Count >= MaxEntries)
            _byHash.Clear();
        _byHash[Convert.ToHexString(hash)] = (key, time.GetUtcNow() + Life);
    }

    public void Clear() => _byHash.Clear();
}
