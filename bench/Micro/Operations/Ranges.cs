using System.Text;
using Weir.Detection;
using Weir.Detection.Identification;

namespace Weir.Micro.Operations;

/// <summary>Looks addresses up in a list of random prefixes, a third of them inside.</summary>
internal struct RangeLookup(bool isIPv4, int prefixes) : IWork
{
    private RangeList _list = null!;
    private ClientAddress[] _addresses = null!;

    public void SetUp()
    {
        var made = RandomPrefixes.Make(isIPv4, prefixes);
        var text = new StringBuilder();
        foreach (var (first, length) in made)
            text.Append(isIPv4 ? ClientAddress.FromIPv4((uint)first) : new ClientAddress(first)).Append('/').Append(length).Append('\n');
        _list = RangeList.Read(new RangeListSource
        {
            File = "random.txt",
            Operator = "nobody",
            RetrievedAt = DateTimeOffset.UnixEpoch,
            Confidence = RangeConfidence.Published,
            Scope = RangeScope.Crawler,
            IsComplete = true,
        }, Encoding.ASCII.GetBytes(text.ToString()));
        _addresses = RandomPrefixes.Addresses(isIPv4, made);
    }

    public readonly int Once(int i) => _list.Contains(_addresses[i & (_addresses.Length - 1)]) ? 1 : 0;
}

/// <summary>Binary search through the sorted first addresses.</summary>
internal struct SortedSearch(int prefixes) : IWork
{
    private uint[] _firsts = null!;
    private uint[] _lasts = null!;
    private ClientAddress[] _addresses = null!;

    public void SetUp()
    {
        var made = RandomPrefixes.Make(isIPv4: true, prefixes);
        var sorted = made.OrderBy(p => p.First).ToArray();
        _firsts = [.. sorted.Select(p => (uint)p.First)];
        _lasts = [.. sorted.Select(p => (uint)p.First | (uint)((1UL << (32 - p.Length)) - 1))];
        _addresses = RandomPrefixes.Addresses(isIPv4: true, made);
    }

    public readonly int Once(int i) => Contains(_addresses[i & (_addresses.Length - 1)].IPv4) ? 1 : 0;

    public readonly bool Contains(uint address)
    {
        int at = Array.BinarySearch(_firsts, address);
        at = at < 0 ? ~at - 1 : at;
        return at >= 0 && address <= _lasts[at];
    }
}

/// <summary>One hash set for each length of prefix.</summary>
internal struct HashPerLength(int prefixes) : IWork
{
    private (int HostLength, HashSet<UInt128> Firsts)[] _byLength = null!;
    private ClientAddress[] _addresses = null!;

    public void SetUp()
    {
        var made = RandomPrefixes.Make(isIPv4: false, prefixes);
        _byLength = [.. made.GroupBy(p => 128 - p.Length).Select(g => (g.Key, g.Select(p => p.First).ToHashSet()))];
        _addresses = RandomPrefixes.Addresses(isIPv4: false, made);
    }

    public readonly int Once(int i)
    {
        var address = _addresses[i & (_addresses.Length - 1)].Value;
        foreach (var (hostLength, firsts) in _byLength)
        {
            if (firsts.Contains(address >> hostLength << hostLength))
                return 1;
        }
        return 0;
    }
}

/// <summary>Random prefixes of public space that do not touch, and addresses to look up; the same in every run.</summary>
internal static class RandomPrefixes
{
    private const int Seed = 20261125;
    private const int AddressCount = 1 << 16;

    public static (UInt128 First, int Length)[] Make(bool isIPv4, int count)
    {
        var random = new Random(Seed);
        // One prefix at most in each slot, and never at its end, so that neighbours are not merged and the count is what it says.
        HashSet<UInt128> slots = [];
        var made = new (UInt128 First, int Length)[count];
        for (int i = 0; i < count;)
        {
            var slot = isIPv4 ? (UInt128)(uint)random.NextInt64(11L << 24, 100L << 24) >> 7 << 7 : (UInt128)0x2A00 << 112 | (UInt128)random.NextInt64(1L << 40) << 64;
            if (!slots.Add(slot))
                continue;
            made[i++] = (slot, isIPv4 ? random.Next(26, 33) : random.Next(65, 129));
        }
        return made;
    }

    /// <summary>A third of them in one of the prefixes, the others anywhere.</summary>
    public static ClientAddress[] Addresses(bool isIPv4, (UInt128 First, int Length)[] prefixes)
    {
        var random = new Random(Seed + 1);
        var addresses = new ClientAddress[AddressCount];
        for (int i = 0; i < addresses.Length; i++)
        {
            var number = random.Next(3) == 0 ? prefixes[random.Next(prefixes.Length)].First
                : isIPv4 ? (UInt128)(uint)random.NextInt64(1L << 32) : (UInt128)0x2A00 << 112 | (UInt128)random.NextInt64(1L << 62) << 42;
            addresses[i] = isIPv4 ? ClientAddress.FromIPv4((uint)number) : new ClientAddress(number);
        }
        return addresses;
    }
}
