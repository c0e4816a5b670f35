using System.Collections.Concurrent;
using Weir.Control;

namespace Weir.Proxy.Origins;

/// <summary>Every origin and every check by what it is, so that their health survives a change of sites. Safe from any thread.</summary>
internal sealed class OriginBook(TimeProvider time, EdgeOptions options)
{
    private readonly ConcurrentDictionary<(string Url, OriginTrust Trust), Origin> _origins = new();
    private readonly ConcurrentDictionary<(Origin Origin, OriginCheck Check), OriginProbe> _probes = new();

    /// <summary>The origins known.</summary>
    public IEnumerable<Origin> Origins => _origins.Select(o => o.Value);

    /// <summary>The checks known.</summary>
    public IEnumerable<OriginProbe> Probes => _probes.Select(p => p.Value);

    /// <summary>A site's origins, each kept from earlier when it was known.</summary>
    public OriginSet SetOf(Site site)
    {
        var members = site.Origins.Select(o => MemberOf(site, o)).ToList();
        var sessions = site.IsSticky ? new StickySessions(options.Secret.Span, site.Id, [.. members.Select(m => m.Origin.Prefix)]) : null;
        return new OriginSet(members, sessions);
    }

    /// <summary>Forgets what no site uses any more.</summary>
    /// <param name="inUse">The origins of every site served.</param>
    public void Keep(IEnumerable<OriginSet> inUse)
    {
        var origins = new HashSet<Origin>();
        var probes = new HashSet<OriginProbe>();
        foreach (var set in inUse)
        {
            foreach (var member in set.Members)
            {
                origins.Add(member.Origin);
                if (member.Probe is not null)
                    probes.Add(member.Probe);
            }
        }
        // A site that is being made this moment may lose the shared memory of an origin that nobody else had: it begins healthy.
        foreach (var (key, origin) in _origins)
        {
            if (!origins.Contains(origin))
                _origins.TryRemove(key, out _);
        }
        foreach (var (key, probe) in _probes)
        {
            if (!probes.Contains(probe))
                _probes.TryRemove(key, out _);
        }
    }

    private OriginMember MemberOf(Site site, SiteOrigin given)
    {
        var trust = OriginTrust.Of(given.Url, site.AllowsPrivateOrigins, site.OriginCa);
        string url = given.Url.GetLeftPart(UriPartial.Authority).ToLowerInvariant();
        var origin = _origins.GetOrAdd((url, trust), static (key, a) => new Origin(a.Url, key.Trust, a.Time), (given.Url, Time: time));
        var probe = site.Health.Check is { } check ? _probes.GetOrAdd((origin, check), static key => new OriginProbe(key.Origin, key.Check)) : null;
        return new OriginMember(origin, given.Weight, probe);
    }
}
