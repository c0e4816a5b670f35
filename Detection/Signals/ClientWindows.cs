using System.IO.Hashing;
using System.Runtime.InteropServices;
using Weir.Detection.Signals.Clients;

namespace Weir.Detection.Signals;

/// <summary>Keeps what each client does: 72 bytes a client, taken at construction; lock-free, allocates nothing afterwards. Safe from any
/// thread.</summary>
/// <remarks>Clients are told apart by <see cref="ClientAddress.ClientKey"/>: IPv4 address, IPv6 /64. When a client must give way to another,
/// that is counted in <see cref="Evictions"/>; what is exact and what is not is said at <see cref="ClientTable{TSteps}"/>.</remarks>
public sealed class ClientWindows
{
    // What is read of a text for its hash; what differs behind that is taken for the same.
    private const int HashedChars = 256;

    private readonly ClientTable<NoSteps> _table;
    private readonly SiteAssets _assets = new();
    private readonly SequentialTest _test;

    /// <summary>Takes the memory for a number of clients.</summary>
    /// <param name="clients">How many clients are known at a time: a power of two from 8 to 2²⁴.</param>
    public ClientWindows(int clients = 65_536)
        : this(clients, SequentialTest.Default)
    {
    }

    internal ClientWindows(int clients, SequentialTest test)
    {
        _table = new ClientTable<NoSteps>(clients);
        _test = test;
    }

    /// <summary>Clients that can be known at a time.</summary>
    public int Capacity => _table.Capacity;

    /// <summary>Clients forgotten because their set was full.</summary>
    public long Evictions => _table.Evictions;

    /// <summary>Says that a request of a client is about to be counted, so that its memory is near by then.</summary>
    internal void Expect(ClientAddress client) => _table.Prefetch(client.ClientKey);

    /// <summary>Counts a request and says what its client did so far, this request included.</summary>
    /// <param name="facts">The request; its client address must be known.</param>
    /// <param name="userAgentHash">Hash of its user agent.</param>
    /// <param name="isBrowserForm">Whether its user agent is written as a browser's.</param>
    /// <param name="siteHasAssets">Whether the host serves the parts of its pages itself.</param>
    internal Behaviour Begin(in RequestFacts facts, ulong userAgentHash, bool isBrowserForm, out bool siteHasAssets)
    {
        var path = PathClasses.Of(facts.Path);
        siteHasAssets = _assets.HasAssets(HostHash(facts.Host));
        return Begin(new ClientRequest
        {
            TimeMs = facts.TimeMs,
            Client = facts.ClientAddress.ClientKey,
            Path = path,
            Mark = facts.PathMark,
            PathHash = path == PathClass.Page ? Hash(facts.Path) + (facts.Query.IsEmpty ? 0 : Hash(facts.Query)) : 0,
            UserAgentHash = userAgentHash,
            IsBrowserForm = isBrowserForm,
            HasCookie = facts.Headers.HasCookie,
            IsScripted = !facts.Headers.SecFetchMode.IsEmpty && !facts.Headers.SecFetchMode.SequenceEqual("navigate"),
        });
    }

    /// <inheritdoc cref="Begin(in RequestFacts, ulong, bool, out bool)"/>
    internal Behaviour Begin(in ClientRequest request) => ClientChanges.Begin(_table, request);

    /// <summary>Adds how a request ended.</summary>
    /// <param name="outcome">The answer; its client address must be known.</param>
    internal void Complete(in RequestOutcome outcome)
    {
        var path = PathClasses.Of(outcome.Path, outcome.ContentType);
        ulong host = HostHash(outcome.Host);
        if (outcome.Status is 0 or (>= 200 and < 400))
            _assets.Count(host, path, (uint)outcome.TimeMs ^ outcome.DurationMs);
        Complete(new ClientAnswer
        {
            TimeMs = outcome.TimeMs,
            Client = outcome.ClientAddress.ClientKey,
            Path = path,
            Status = outcome.Status,
            HasReferrer = outcome.HasReferrer,
            OfferedCookie = outcome.OfferedCookie,
            OfferedScript = outcome.OfferedScript,
            SiteHasAssets = _assets.HasAssets(host),
            DurationMs = outcome.DurationMs,
        });
    }

    /// <inheritdoc cref="Complete(in RequestOutcome)"/>
    internal void Complete(in ClientAnswer answer) => ClientChanges.Complete(_table, answer, _test);

    /// <summary>What is known of a client, without counting anything.</summary>
    internal Behaviour Look(ClientAddress client, long timeMs) => ClientChanges.Look(_table, client.ClientKey, timeMs);

    // Hosts are the edge's own, or a log's; no secret is needed, as a false match costs evidence and makes none up.
    private static ulong HostHash(ReadOnlySpan<char> host) => host.IsEmpty ? 1 : Hash(host);

    private static ulong Hash(ReadOnlySpan<char> text) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.Length <= HashedChars ? text : text[..HashedChars]), text.Length);
}
