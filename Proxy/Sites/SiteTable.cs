using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Weir.Control;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Sites;

/// <summary>Leads from a host name to its site. Safe from any thread; a change builds a new table and swaps it whole.</summary>
/// <remarks>One table and one catch-all endpoint instead of a route per site: routing by host slows down and eats memory past some
/// hundreds of hosts (dotnet/yarp#2967, dotnet/aspnetcore#64205).</remarks>
public sealed class SiteTable
{
    private readonly OriginBook _origins;
    private Lookup _lookup;

    internal SiteTable(OriginBook origins)
    {
        _origins = origins;
        _lookup = Lookup.Empty;
    }

    /// <summary>How many sites are served.</summary>
    public int SiteCount => Volatile.Read(ref _lookup).SiteCount;

    /// <summary>Serves these sites and no others from the next request on. Requests under way keep what they found.</summary>
    /// <exception cref="ArgumentException">Two sites claim the same host; the table stays as it was.</exception>
    public void Replace(IReadOnlyList<Site> sites)
    {
        var built = Lookup.Build(sites, _origins);
        // Publishes the finished table; pairs with the Volatile.Read in TryFind, so that no half-built dictionary is seen.
        Volatile.Write(ref _lookup, built);
    }

    /// <summary>Finds the site of a host: its exact name, else the longest wildcard above it, else <c>*</c>. Allocates nothing.</summary>
    /// <param name="host">Normalised by <see cref="HostName.Normalize"/>; any case.</param>
    /// <param name="entry">What was found.</param>
    internal bool TryFind(ReadOnlySpan<char> host, [NotNullWhen(true)] out HostEntry? entry) =>
        Volatile.Read(ref _lookup).TryFind(host, out entry);

    private sealed class Lookup
    {
        public static readonly Lookup Empty = new([], [], null, 0);

        private readonly FrozenDictionary<string, HostEntry>.AlternateLookup<ReadOnlySpan<char>> _exact;
        private readonly FrozenDictionary<string, HostEntry>.AlternateLookup<ReadOnlySpan<char>> _wildcards;
        private readonly bool _hasWildcards;
        private readonly HostEntry? _any;

        private Lookup(Dictionary<string, HostEntry> exact, Dictionary<string, HostEntry> wildcards, HostEntry? any, int siteCount)
        {
            _exact = Freeze(exact);
            _wildcards = Freeze(wildcards);
            _hasWildcards = wildcards.Count > 0;
            _any = any;
            SiteCount = siteCount;
        }

        public int SiteCount { get; }

        public static Lookup Build(IReadOnlyList<Site> sites, OriginBook origins)
        {
            var exact = new Dictionary<string, HostEntry>(StringComparer.OrdinalIgnoreCase);
            var wildcards = new Dictionary<string, HostEntry>(StringComparer.OrdinalIgnoreCase);
            HostEntry? any = null;
            foreach (var site in sites)
            {
                var served = new EdgeSite(site, origins.SetOf(site.Origins));
                foreach (string host in site.Hosts.Select(h => h.ToLowerInvariant()))
                {
                    bool isNew;
                    if (host == "*")
                        (isNew, any) = (any is null, any ?? new HostEntry(host, served, false));
                    else if (host.StartsWith("*.", StringComparison.Ordinal))
                        isNew = wildcards.TryAdd(host[2..], new HostEntry(host, served, false));
                    else
                        isNew = exact.TryAdd(host, new HostEntry(host, served, true));
                    if (!isNew)
                        throw new ArgumentException($"Host {host} of site {site.Id} belongs to another site too.", nameof(sites));
                }
            }
            return new Lookup(exact, wildcards, any, sites.Count);
        }

        public bool TryFind(ReadOnlySpan<char> host, [NotNullWhen(true)] out HostEntry? entry)
        {
            if (host.Length > HostName.MaxLength)
                host = default;
            if (_exact.TryGetValue(host, out entry))
                return true;
            if (_hasWildcards)
            {
                // Only after a dot: *.example.com is no answer for evilexample.com, nor for example.com itself.
                for (int dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
                {
                    host = host[(dot + 1)..];
                    if (_wildcards.TryGetValue(host, out entry))
                        return true;
                }
            }
            entry = _any;
            return entry is not null;
        }

        private static FrozenDictionary<string, HostEntry>.AlternateLookup<ReadOnlySpan<char>> Freeze(Dictionary<string, HostEntry> hosts) =>
            hosts.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
