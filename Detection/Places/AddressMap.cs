using System.Numerics;

namespace Weir.Detection.Places;

/// <summary>Sorted intervals with a value each; what is in none has the value 0. Immutable; safe from any thread; a look-up allocates nothing.</summary>
/// <remarks>An index by the upper 16 bits leaves a short search within one of its parts (DXR, as in the range lists).</remarks>
internal sealed class AddressMap<TAddress, TValue>
    where TAddress : unmanaged, IBinaryInteger<TAddress>, IMinMaxValue<TAddress>
    where TValue : unmanaged, IEquatable<TValue>
{
    private const int IndexBits = 16;

    private readonly TAddress[] _starts;
    private readonly TValue[] _values;

    // _index[h] = number of intervals that start below the first address with these upper bits.
    private readonly int[] _index = new int[(1 << IndexBits) + 1];
    private readonly int _shift;

    private AddressMap(List<TAddress> starts, List<TValue> values)
    {
        (_starts, _values) = ([.. starts], [.. values]);
        _shift = (System.Runtime.CompilerServices.Unsafe.SizeOf<TAddress>() * 8) - IndexBits;
        int next = 0;
        for (int high = 0; high <= 1 << IndexBits; high++)
        {
            while (next < _starts.Length && int.CreateTruncating(_starts[next] >> _shift) < high)
                next++;
            _index[high] = next;
        }
    }

    /// <summary>Intervals, gaps included.</summary>
    public int Count => _starts.Length;

    /// <summary>The value at an address.</summary>
    public TValue Find(TAddress address)
    {
        int high = int.CreateTruncating(address >> _shift);
        int from = _index[high], to = _index[high + 1];
        while (from < to)
        {
            int middle = (int)((uint)(from + to) >> 1);
            if (_starts[middle] <= address)
                from = middle + 1;
            else
                to = middle;
        }
        return from > 0 ? _values[from - 1] : default;
    }

    /// <summary>Gathers intervals, which come in the order of their addresses and do not overlap.</summary>
    internal sealed class Builder
    {
        private readonly List<TAddress> _starts = [];
        private readonly List<TValue> _values = [];
        private TAddress _next;
        private bool _isFull;

        /// <summary>Adds one; false when it begins before the end of the last.</summary>
        public bool TryAdd(TAddress first, TAddress last, TValue value)
        {
            if (_isFull || first < _next || last < first)
                return false;
            if (first > _next)
                Begin(_next, default);
            Begin(first, value);
            _isFull = last == TAddress.MaxValue;
            _next = _isFull ? last : last + TAddress.One;
            return true;
        }

        public AddressMap<TAddress, TValue> Build()
        {
            if (!_isFull)
                Begin(_next, default);
            return new AddressMap<TAddress, TValue>(_starts, _values);
        }

        private void Begin(TAddress start, TValue value)
        {
            if (_values.Count > 0 && _values[^1].Equals(value))
                return;
            _starts.Add(start);
            _values.Add(value);
        }
    }
}
