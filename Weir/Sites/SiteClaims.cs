using Weir.Detection;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>Settles which site gets an id or host that several claim: who is in force keeps it, else the first in the order of places.</summary>
/// <param name="inForce">Sites in force by id.</param>
/// <param name="hosts">Hosts in force, and whose they are.</param>
internal sealed class SiteClaims(IReadOnlyDictionary<SiteId, SiteInForce> inForce, IReadOnlyDictionary<string, SiteId> hosts)
{
    /// <summary>Sites to be served, by id.</summary>
    public Dictionary<SiteId, SiteInForce> Chosen { get; } = [];

    /// <summary>Hosts of <see cref="Chosen"/>, and whose they are.</summary>
    public Dictionary<string, SiteInForce> Hosts { get; private set; } = [];

    /// <summary>Who lost, and to whom.</summary>
    public List<SiteRefusal> Refusals { get; } = [];

    /// <summary>Settles all claims. A site that loses is served in the form that it was in force in, or not at all.</summary>
    /// <param name="wanted">Every site of every place, in the order of places.</param>
    public void Settle(IReadOnlyList<SiteInForce> wanted)
    {
        ChooseByIds(wanted);
        // Each round puts at least one more site back to its old form or leaves it out. Old forms never lose: they are in force together.
        while (Losers() is { Count: > 0 } losers)
        {
            foreach (var loser in losers)
            {
                if (inForce.TryGetValue(loser.Id, out var old))
                    Chosen[loser.Id] = old;
                else
                    Chosen.Remove(loser.Id);
            }
        }
    }

    private void ChooseByIds(IReadOnlyList<SiteInForce> wanted)
    {
        foreach (var site in wanted)
        {
            if (inForce.TryGetValue(site.Id, out var old) && old.Place == site.Place)
                Chosen[site.Id] = site;
        }
        foreach (var site in wanted)
        {
            if (!Chosen.TryAdd(site.Id, site) && Chosen[site.Id] is var holder && holder.Place != site.Place)
                Refuse(site, site.Placed.At, "id", $"The id '{site.Id}' is taken by the site at {holder.Placed.At}.", "Give each site its own id, or remove one of the two.");
        }
    }

    private List<SiteInForce> Losers()
    {
        Hosts = new Dictionary<string, SiteInForce>(hosts.Count, StringComparer.Ordinal);
        foreach (var site in Chosen.Values)
        {
            foreach (string host in site.Placed.Site.Hosts)
            {
                if (hosts.TryGetValue(host, out var id) && id == site.Id)
                    Hosts[host] = site;
            }
        }
        var losers = new List<SiteInForce>();
        foreach (var site in Chosen.Values)
        {
            if (LostHost(site) is not { } lost)
                continue;
            losers.Add(site);
            var holder = Hosts[site.Placed.Site.Hosts[lost]];
            Refuse(site, site.Placed.HostsAt[lost], "hosts", $"The host '{site.Placed.Site.Hosts[lost]}' is taken by the site '{holder.Id}' at {holder.Placed.At}.",
                "A host belongs to one site: remove it from one of the two.");
        }
        return losers;
    }

    // The place of the first host that another site has; hosts that are free are the site's from here on.
    private int? LostHost(SiteInForce site)
    {
        for (int i = 0; i < site.Placed.Site.Hosts.Count; i++)
        {
            if (!Hosts.TryAdd(site.Placed.Site.Hosts[i], site) && Hosts[site.Placed.Site.Hosts[i]].Id != site.Id)
                return i;
        }
        return null;
    }

    private void Refuse(SiteInForce site, string at, string path, string what, string mend) =>
        Refusals.Add(new SiteRefusal(site.Place, new SettingError(at, path, what, mend), IsConflict: true));
}
