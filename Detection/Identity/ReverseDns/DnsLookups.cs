using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Weir.Detection.Identification;

/// <summary>Asks DNS: the names of an address, and whether a name leads to one. What comes back is hostile.</summary>
internal sealed class DnsLookups(ReverseDnsOptions options, TimeProvider time)
{
    // What is beyond these was written to keep us busy: a crawler's address has one name, seldom two.
    private const int NamesMax = 8;
    private const int AliasesMax = 8;
    private const int AddressesMax = 64;

    private static readonly TimeSpan SystemServersFor = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private LookupClient? _client;
    private long _clientAt;

    /// <summary>Asks for the names of an address.</summary>
    /// <returns>Distinct host names in lower case, and how long they hold; null when DNS did not answer for certain.</returns>
    public async Task<(string[] Names, TimeSpan Ttl)?> NamesAsync(IPAddress address, CancellationToken stop)
    {
        var question = LookupClient.GetReverseQuestion(address);
        if (await AskAsync(question, stop) is not { } records)
            return null;
        List<string> names = [];
        var ttl = TimeSpan.MaxValue;
        foreach (var record in AtEndOfAliases(records, question.QueryName, out int aliasTtl).OfType<PtrRecord>())
        {
            string name = Plain(record.PtrDomainName);
            if (!HostMask.IsHostName(name) || names.Contains(name) || names.Count == NamesMax)
                continue;
            names.Add(name);
            ttl = Shorter(ttl, Math.Min(record.TimeToLive, aliasTtl));
        }
        return ([.. names], ttl);
    }

    /// <summary>Asks whether a name leads to an address.</summary>
    public async Task<(ForwardState State, TimeSpan Ttl)> ForwardAsync(string name, IPAddress address, CancellationToken stop)
    {
        var type = address.AddressFamily == AddressFamily.InterNetwork ? QueryType.A : QueryType.AAAA;
        var question = new DnsQuestion(name, type);
        if (await AskAsync(question, stop) is not { } records)
            return (ForwardState.Unanswered, TimeSpan.MaxValue);
        foreach (var record in AtEndOfAliases(records, question.QueryName, out int aliasTtl).OfType<AddressRecord>())
        {
            if (record.Address.Equals(address))
                return (ForwardState.LeadsBack, Shorter(TimeSpan.MaxValue, Math.Min(record.TimeToLive, aliasTtl)));
        }
        return (ForwardState.LeadsElsewhere, TimeSpan.MaxValue);
    }

    /// <summary>Asks for the addresses of a name, of one kind; null when DNS did not answer for certain.</summary>
    public async Task<IReadOnlyList<IPAddress>?> AddressesAsync(string name, bool isV6, CancellationToken stop)
    {
        var question = new DnsQuestion(name, isV6 ? QueryType.AAAA : QueryType.A);
        return await AskAsync(question, stop) is { } records
            ? [.. AtEndOfAliases(records, question.QueryName, out _).OfType<AddressRecord>().Select(r => r.Address).Distinct().Take(AddressesMax)]
            : null;
    }

    // Null: no answer, or one that says nothing (SERVFAIL, REFUSED, garbage). An empty list: DNS says for certain that there is none.
    private async Task<IReadOnlyList<DnsResourceRecord>?> AskAsync(DnsQuestion question, CancellationToken stop)
    {
        try
        {
            if (Client() is not { } client)
                return null;
            var answer = await client.QueryAsync(question, stop);
            return answer.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NoError => answer.Answers,
                DnsHeaderResponseCode.NotExistentDomain => [],
                _ => null,
            };
        }
        catch (Exception e) when (e is not OutOfMemoryException) // whatever a hostile server can make the parser throw
        {
            return null;
        }
    }

    // Records that belong to somebody else's name may stand beside the answer; only those at the end of the chain of aliases are it.
    private static IEnumerable<DnsResourceRecord> AtEndOfAliases(IReadOnlyList<DnsResourceRecord> records, DnsString question, out int ttl)
    {
        string owner = question.Value;
        ttl = int.MaxValue;
        for (int i = 0; i < AliasesMax; i++)
        {
            if (records.OfType<CNameRecord>().FirstOrDefault(r => IsOf(r, owner)) is not { } alias)
                break;
            owner = alias.CanonicalName.Value;
            ttl = Math.Min(ttl, alias.TimeToLive);
        }
        return records.Where(r => IsOf(r, owner));
    }

    private static bool IsOf(DnsResourceRecord record, string owner) =>
        record.RecordClass == QueryClass.IN && string.Equals(record.DomainName.Value, owner, StringComparison.OrdinalIgnoreCase);

    private static string Plain(DnsString name) => name.Value.TrimEnd('.').ToLowerInvariant();

    private static TimeSpan Shorter(TimeSpan one, int seconds) =>
        one.TotalSeconds <= seconds ? one : TimeSpan.FromSeconds(Math.Max(seconds, 0));

    // The system's servers are looked up again now and then: a machine changes its network, or has none yet when the program starts.
    private LookupClient? Client()
    {
        lock (_lock)
        {
            bool isFixed = options.Servers.Count > 0;
            if (_client is not null && (isFixed || time.GetElapsedTime(_clientAt) < SystemServersFor))
                return _client;
            // Never the library's own fallback, which is a public resolver that nobody chose.
            NameServer[] servers = isFixed ? [.. options.Servers.Select(s => new NameServer(s))]
                : [.. NameServer.ResolveNameServers(skipIPv6SiteLocal: true, fallbackToGooglePublicDns: false)];
            _clientAt = time.GetTimestamp();
            return _client = servers.Length == 0 ? null : new LookupClient(new LookupClientOptions(servers)
            {
                UseCache = false, // ours is bounded by addresses, not by what an answer holds
                Timeout = options.QueryTimeout,
                Retries = 1,
                ThrowDnsErrors = false,
                ContinueOnDnsError = true,
                ContinueOnEmptyResponse = false,
                UseTcpFallback = true,
                ExtendedDnsBufferSize = 1232, // as DNS flag day 2020 advises: more is fragmented, and fragments can be forged
            });
        }
    }
}
