using System.Collections.Frozen;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>Finds the targets that a page bears on. Immutable: a change makes a new one, which shares what did not change.</summary>
/// <remarks>Exact paths and prefixes cost a hash look-up each, however many there are; patterns with <c>*</c> elsewhere are tried one by
/// one within their site. Links of targets that changed lie over those of the others, so that a change costs what changed lately and not what is linked.</remarks>
public sealed class TargetIndex
{
    private readonly FrozenDictionary<string, SitePages> _sites;
    private readonly FrozenSet<long> _replaced = [];
    private readonly IReadOnlyList<TargetLink> _newer = [];
    private readonly FrozenDictionary<string, SitePages> _newerSites = FrozenDictionary<string, SitePages>.Empty;

    /// <summary>Builds an index.</summary>
    /// <param name="links">Every link of every target whose tenant owns the link's site.</param>
    /// <param name="version">Version of the targets that the links were read at.</param>
    public TargetIndex(IEnumerable<TargetLink> links, long version)
    {
        Version = version;
        _sites = SitesOf(links);
    }

    private TargetIndex(TargetIndex before, IEnumerable<TargetLink> links, IReadOnlySet<long> changed, long version)
    {
        Version = version;
        _sites = before._sites;
        _replaced = [.. before._replaced, .. changed];
        _newer = [.. before._newer.Where(l => !changed.Contains(l.Target)), .. links];
        _newerSites = SitesOf(_newer);
    }

    /// <summary>Version of the targets that it was built from.</summary>
    public long Version { get; }

    /// <summary>How many targets changed since all were read; each change costs as much as these.</summary>
    public int Changed => _replaced.Count;

    /// <summary>Sites that any target is linked to, or was lately.</summary>
    public IEnumerable<string> Sites => _sites.Keys.Union(_newerSites.Keys, StringComparer.Ordinal);

    /// <summary>The index after some targets changed.</summary>
    /// <param name="links">All links of these targets, as they are now.</param>
    /// <param name="changed">The targets: new ones, those whose links changed, and those that are gone.</param>
    /// <param name="version">Version of the targets that the links were read at.</param>
    public TargetIndex With(IEnumerable<TargetLink> links, IReadOnlySet<long> changed, long version) => new(this, links, changed, version);

    /// <summary>The tenant that owns a site with targets; null when there are none.</summary>
    public string? TenantOf(SiteId site) => _newerSites.TryGetValue(site.Value, out var pages) || _sites.TryGetValue(site.Value, out pages) ? pages.Tenant : null;

    /// <summary>Targets of an engine that a page bears on, each once with its strongest link.</summary>
    public IReadOnlyList<TargetMatch> Find(SiteId site, string path, string engine)
    {
        var strongest = new Dictionary<long, double>();
        foreach (var entry in Matching(site, path))
        {
            if (entry.Engine == engine && entry.Weight > strongest.GetValueOrDefault(entry.Target))
                strongest[entry.Target] = entry.Weight;
        }
        return [.. strongest.Select(s => new TargetMatch(s.Key, s.Value))];
    }

    /// <summary>Targets of any engine that a page bears on, each once with its strongest link.</summary>
    public IReadOnlyList<TargetMatch> Find(SiteId site, string path)
    {
        var strongest = new Dictionary<long, double>();
        foreach (var entry in Matching(site, path))
            strongest[entry.Target] = Math.Max(entry.Weight, strongest.GetValueOrDefault(entry.Target));
        return [.. strongest.Select(s => new TargetMatch(s.Key, s.Value))];
    }

    private IEnumerable<Entry> Matching(SiteId site, string path)
    {
        if (_sites.TryGetValue(site.Value, out var pages))
        {
            foreach (var entry in pages.Matching(path))
            {
                if (!_replaced.Contains(entry.Target))
                    yield return entry;
            }
        }
        if (_newerSites.TryGetValue(site.Value, out var newer))
        {
            foreach (var entry in newer.Matching(path))
                yield return entry;
        }
    }

    private static FrozenDictionary<string, SitePages> SitesOf(IEnumerable<TargetLink> links) =>
        links.GroupBy(l => l.Site, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => new SitePages(g), StringComparer.Ordinal);

    /// <summary>The links of one site.</summary>
    private sealed class SitePages
    {
        private readonly Dictionary<string, List<Entry>> _exact = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<Entry>> _prefixes = new(StringComparer.Ordinal);
        private readonly Dictionary<string, List<Entry>> _globs = new(StringComparer.Ordinal);
        private readonly int[] _prefixLengths;

        public SitePages(IEnumerable<TargetLink> links)
        {
            foreach (var link in links)
            {
                Tenant = link.Tenant;
                string pattern = link.Pattern == "*" ? "/*" : PagePattern.Normalise(link.Pattern);
                int star = pattern.IndexOf('*');
                var (map, key) = star < 0 ? (_exact, pattern)
                    : star == pattern.Length - 1 ? (_prefixes, pattern[..star])
                    : (_globs, pattern);
                if (!map.TryGetValue(key, out var entries))
                    map[key] = entries = [];
                entries.Add(new Entry(link.Target, link.Engine, link.Weight));
            }
            _prefixLengths = [.. _prefixes.Keys.Select(p => p.Length).Distinct()];
        }

        public string Tenant { get; } = "";

        public IEnumerable<Entry> Matching(string path)
        {
            string plain = PagePattern.Normalise(path);
            string withSlash = plain + "/";
            if (_exact.TryGetValue(plain, out var exact))
            {
                foreach (var entry in exact)
                    yield return entry;
            }
            foreach (int length in _prefixLengths)
            {
                if (length > withSlash.Length || !_prefixes.TryGetValue(withSlash[..length], out var below))
                    continue;
                foreach (var entry in below)
                    yield return entry;
            }
            foreach (var (glob, entries) in _globs)
            {
                if (!PagePattern.Glob(glob, plain) && !PagePattern.Glob(glob, withSlash))
                    continue;
                foreach (var entry in entries)
                    yield return entry;
            }
        }
    }

    private readonly record struct Entry(long Target, string Engine, double Weight);
}

/// <summary>One link as the index reads it.</summary>
/// <param name="Target">The target's number.</param>
/// <param name="Tenant">Whose target and site it is.</param>
/// <param name="Engine">The target's engine.</param>
/// <param name="Site">The site's id.</param>
/// <param name="Pattern">Which pages.</param>
/// <param name="Weight">How much they bear on the answer.</param>
public sealed record TargetLink(long Target, string Tenant, string Engine, string Site, string Pattern, double Weight);

/// <summary>A target that a page bears on.</summary>
/// <param name="Target">Its number.</param>
/// <param name="Weight">Weight of the strongest link.</param>
public readonly record struct TargetMatch(long Target, double Weight);
