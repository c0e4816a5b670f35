using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Weir.Proxy.Content;

/// <summary>Values by key, for as many keys as fit: the one that came first is forgotten first. For one thread.</summary>
/// <param name="capacity">The most keys.</param>
internal sealed class RecentKeys<TKey, TValue>(int capacity)
    where TKey : struct
{
    private readonly Dictionary<TKey, TValue> _values = [];
    private readonly Queue<TKey> _order = new();

    /// <summary>Finds a key's value.</summary>
    public bool TryFind(TKey key, [MaybeNullWhen(false)] out TValue value) => _values.TryGetValue(key, out value);

    /// <summary>Sets a key's value; a known key keeps its place.</summary>
    public void Set(TKey key, TValue value)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_values, key, out bool isKnown) = value;
        if (isKnown)
            return;
        _order.Enqueue(key);
        if (_order.Count > capacity)
            _values.Remove(_order.Dequeue());
    }
}
