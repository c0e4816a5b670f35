using Weir.Control;
using Weir.Detection;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>The sites of all sources together: what each place says, what is in force of it, and what is not and why. Not safe for
/// several threads.</summary>
internal sealed class SiteSet
{
    // A refused site may come in force when its rival is refused too; more rounds than this would mean that they never settle.
    private const int RoundsMax = 8;

    private readonly SortedDictionary<SitePlace, IReadOnlyList<PlacedSite>> _wanted = [];
    private readonly SortedDictionary<SitePlace, IReadOnlyList<SettingError>> _bad = [];
    private Dictionary<SiteId, SiteInForce> _inForce = [];
    private Dictionary<string, SiteId> _hosts = new(StringComparer.Ordinal);
    private List<SiteRefusal> _conflicts = [];
    private bool _hasSample;

    /// <summary>Sites in force by id.</summary>
    public IReadOnlyDictionary<SiteId, SiteInForce> InForce => _inForce;

    /// <summary>How often what is in force, or refused, has changed.</summary>
    public long ChangeCount { get; private set; }

    /// <summary>How many hosts lead to them.</summary>
    public int HostCount => _hosts.Count;

    /// <summary>Every definition that is not in force, and why.</summary>
    public IEnumerable<SiteRefusal> Refusals => [.. _bad.SelectMany(b => b.Value.Select(e => new SiteRefusal(b.Key, e, IsConflict: false))), .. _conflicts];

    /// <summary>The places of a source that have sites or errors.</summary>
    public IEnumerable<SitePlace> PlacesOf(SiteSource source) => _wanted.Keys.Concat(_bad.Keys).Where(p => p.Source == source).Distinct();

    /// <summary>Takes what was read, and says what changes by it.</summary>
    public SiteSetChange Apply(IReadOnlyCollection<PlaceReading> readings)
    {
        if (readings.Count > 0)
            ChangeCount++;
        var replaced = new List<PlaceChange>();
        foreach (var reading in readings)
        {
            var old = _wanted.GetValueOrDefault(reading.Place, []);
            Take(reading);
            replaced.Add(new PlaceChange(reading.Place, old, _wanted.GetValueOrDefault(reading.Place, [])));
        }
        return CanChangeAlone(replaced) ? ChangeAlone(replaced) : SettleAll();
    }

    private SiteSetChange SettleAll()
    {
        var before = _inForce;
        for (int round = 0; round < RoundsMax; round++)
        {
            if (!Settle() || _conflicts.Count == 0)
                break;
        }
        return new SiteSetChange(
            [.. _inForce.Values.Where(s => !before.TryGetValue(s.Id, out var old) || !ReferenceEquals(old.Placed.Site, s.Placed.Site)).Select(s => s.Placed.Site)],
            [.. before.Keys.Where(id => !_inForce.ContainsKey(id))]);
    }

    // While nobody is refused, before and after, only the changed places need a look: settling 10,000 sites takes 40 ms of a processor.
    private bool CanChangeAlone(List<PlaceChange> changes)
    {
        if (_conflicts.Count > 0 || _hasSample || changes.Select(c => c.Place).Distinct().Count() != changes.Count)
            return false;
        var freed = changes.SelectMany(c => c.Old).ToDictionary(s => s.Site.Id);
        var ids = new HashSet<SiteId>();
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        return changes.SelectMany(c => c.New).All(s => ids.Add(s.Site.Id) && (freed.ContainsKey(s.Site.Id) || !_inForce.ContainsKey(s.Site.Id))
            && s.Site.Hosts.All(h => hosts.Add(h) && (!_hosts.TryGetValue(h, out var owner) || freed.ContainsKey(owner))));
    }

    private SiteSetChange ChangeAlone(List<PlaceChange> changes)
    {
        var before = changes.SelectMany(c => c.Old).ToDictionary(s => s.Site.Id);
        foreach (var site in before.Values)
        {
            _inForce.Remove(site.Site.Id);
            foreach (string host in site.Site.Hosts)
                _hosts.Remove(host);
        }
        foreach (var change in changes)
        {
            foreach (var site in change.New)
            {
                _inForce[site.Site.Id] = new SiteInForce(change.Place, site);
                foreach (string host in site.Site.Hosts)
                    _hosts[host] = site.Site.Id;
            }
        }
        return new SiteSetChange(
            [.. changes.SelectMany(c => c.New).Where(s => !before.TryGetValue(s.Site.Id, out var old) || !ReferenceEquals(old.Site, s.Site)).Select(s => s.Site)],
            [.. before.Keys.Where(id => !_inForce.ContainsKey(id))]);
    }

    private void Take(PlaceReading reading)
    {
        if (reading.Errors.Count > 0)
        {
            _bad[reading.Place] = reading.Errors;
            return;
        }
        _bad.Remove(reading.Place);
        _hasSample |= reading.Place.Source == SiteSource.Sample;
        if (reading.Sites is null)
            _wanted.Remove(reading.Place);
        else
            _wanted[reading.Place] = _wanted.TryGetValue(reading.Place, out var earlier) ? KeepUnchanged(earlier, reading.Sites) : reading.Sites;
    }

    // A site that says the same as before stays the same object, by which the edge knows that there is nothing to build.
    private static IReadOnlyList<PlacedSite> KeepUnchanged(IReadOnlyList<PlacedSite> earlier, IReadOnlyList<PlacedSite> sites)
    {
        var known = earlier.ToDictionary(s => s.Site.Id);
        return [.. sites.Select(s => s.Json.Length > 0 && known.TryGetValue(s.Site.Id, out var same) && same.Json == s.Json ? s with { Site = same.Site } : s)];
    }

    // Whether anything changed.
    private bool Settle()
    {
        var wanted = Wanted(isSample: false);
        if (wanted.Count == 0)
            wanted = Wanted(isSample: true);
        var claims = new SiteClaims(_inForce, _hosts);
        claims.Settle(wanted);
        bool isChanged = claims.Chosen.Count != _inForce.Count
            || claims.Chosen.Values.Any(s => !_inForce.TryGetValue(s.Id, out var old) || !ReferenceEquals(old.Placed.Site, s.Placed.Site));
        _inForce = claims.Chosen;
        _hosts = claims.Hosts.ToDictionary(h => h.Key, h => h.Value.Id, StringComparer.Ordinal);
        _conflicts = claims.Refusals;
        return isChanged;
    }

    private List<SiteInForce> Wanted(bool isSample) =>
        [.. _wanted.Where(p => p.Key.Source == SiteSource.Sample == isSample).SelectMany(p => p.Value.Select(s => new SiteInForce(p.Key, s)))];
}

/// <summary>What changes of the sites in force.</summary>
/// <param name="Changed">New and changed sites.</param>
/// <param name="Removed">Sites served no longer.</param>
internal sealed record SiteSetChange(IReadOnlyList<Site> Changed, IReadOnlyList<SiteId> Removed)
{
    /// <summary>Whether there is anything to do.</summary>
    public bool IsEmpty => Changed.Count == 0 && Removed.Count == 0;
}

/// <summary>What one place said before and says now.</summary>
internal sealed record PlaceChange(SitePlace Place, IReadOnlyList<PlacedSite> Old, IReadOnlyList<PlacedSite> New);
