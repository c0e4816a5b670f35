using System.Collections.Concurrent;
using System.Numerics;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.Detection.Signals.Clients;

namespace Weir.Micro.Operations;

/// <summary>Counts a request of a random client, and where asked its answer too.</summary>
internal struct WindowUpdate(int clients, bool withAnswer) : IWork
{
    private ClientWindows _windows = null!;
    private UInt128[] _keys = null!;

    public void SetUp()
    {
        // Room to spare, as in a table that is not too small for its site.
        _windows = new ClientWindows((int)BitOperations.RoundUpToPowerOf2((uint)clients * 2));
        _keys = [.. Clients.Requests(clients).Select(c => c.ClientKey)];
        for (int i = 0; i < _keys.Length; i++)
            Once(i);
    }

    public readonly int Once(int i)
    {
        var client = _keys[i & (_keys.Length - 1)];
        var behaviour = _windows.Begin(new ClientRequest
        {
            TimeMs = Clients.TimeMs(i),
            Client = client,
            Path = PathClass.Page,
            PathHash = (ulong)i * 0x9E3779B97F4A7C15,
            UserAgentHash = (ulong)client,
            IsBrowserForm = true,
        });
        if (withAnswer)
            _windows.Complete(new ClientAnswer { TimeMs = Clients.TimeMs(i), Client = client, Path = PathClass.Page, Status = 200 });
        return behaviour.RequestsAMinute;
    }
}

/// <summary>The same in a dictionary of counters, which never forgets a client.</summary>
internal struct DictionaryWindow(int clients) : IWork
{
    private ConcurrentDictionary<UInt128, Counter> _counters = null!;
    private UInt128[] _keys = null!;

    public void SetUp()
    {
        _counters = new ConcurrentDictionary<UInt128, Counter>();
        _keys = [.. Clients.Requests(clients).Select(c => c.ClientKey)];
        // Not in the order of the requests: what was allocated in a row would be read in a row, which no site's clients do.
        foreach (var key in _keys.Order())
            Count(key, Clients.TimeMs(0));
    }

    public readonly int Once(int i) => Count(_keys[i & (_keys.Length - 1)], Clients.TimeMs(i));

    public readonly int Count(UInt128 key, long timeMs)
    {
        var counter = _counters.GetOrAdd(key, static _ => new Counter());
        long minute = timeMs / 60_000;
        if (Interlocked.Exchange(ref counter.Minute, minute) != minute)
            Interlocked.Exchange(ref counter.Requests, 0);
        return Interlocked.Increment(ref counter.Requests);
    }

    private sealed class Counter
    {
        public long Minute;
        public int Requests;
    }
}

/// <summary>Clients and their times; the same in every run.</summary>
internal static class Clients
{
    /// <summary>A thousand requests a second, from noon of a day.</summary>
    public static long TimeMs(int i) => 1_790_000_000_000 + i;

    /// <summary>Requests of so many clients, random IPv4 addresses of public space, in random order; a power of two of them.</summary>
    public static ClientAddress[] Requests(int clients)
    {
        var random = new Random(20261125);
        ClientAddress[] addresses = [.. Enumerable.Range(0, clients).Select(_ => ClientAddress.FromIPv4((uint)random.NextInt64(11L << 24, 100L << 24)))];
        int requests = (int)BitOperations.RoundUpToPowerOf2((uint)clients);
        return [.. Enumerable.Range(0, requests).Select(i => addresses[i < clients ? i : random.Next(clients)]).OrderBy(_ => random.Next())];
    }
}
