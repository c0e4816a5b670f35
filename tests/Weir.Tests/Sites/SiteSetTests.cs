using CsCheck;
using Weir.Control;
using Weir.Detection;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Tests.Sites;

public class SiteSetTests
{
    private static readonly SitePlace Settings = new(SiteSource.Settings, "weir.json");
    private readonly SiteSet _set = new();

    [Fact]
    public void Sites_of_all_sources_are_served_together()
    {
        var change = _set.Apply([Good(Settings, Site("a", "a.example")), Good(File("b"), Site("b", "b.example")), Good(File("c"), Site("c", "c.example", "*.c.example"))]);

        Assert.Equal(["a", "b", "c"], change.Changed.Select(s => s.Id.Value));
        Assert.Equal((3, 4), (_set.InForce.Count, _set.HostCount));
        Assert.Empty(_set.Refusals);
    }

    [Fact]
    public void A_site_that_says_the_same_again_is_no_change()
    {
        _set.Apply([Good(File("a"), Site("a", "a.example"))]);
        var before = _set.InForce[SiteId.Parse("a")].Placed.Site;

        Assert.True(_set.Apply([Good(File("a"), Site("a", "a.example"), Site("b", "b.example"))]) is { Changed.Count: 1, Removed.Count: 0 });
        Assert.Same(before, _set.InForce[SiteId.Parse("a")].Placed.Site);
    }

    [Fact]
    public void A_bad_place_keeps_its_last_good_sites_while_all_others_change()
    {
        _set.Apply([Good(File("a"), Site("a", "a.example")), Good(File("b"), Site("b", "b.example"))]);

        var change = _set.Apply([Bad(File("a")), Good(File("b"), Site("b", "b2.example"))]);

        Assert.Equal(["b"], change.Changed.Select(s => s.Id.Value));
        Assert.Equal("a:1:1 No site.", Assert.Single(_set.Refusals).Error.ToString()[..14]);
        Assert.True(_set.InForce.ContainsKey(SiteId.Parse("a")));
        _set.Apply([Good(File("a"), Site("a", "a.example"))]);
        Assert.Empty(_set.Refusals);
    }

    [Fact]
    public void The_site_in_force_first_keeps_its_host_and_the_conflict_names_both_places()
    {
        _set.Apply([Good(File("z"), Site("z", "shared.example"))]);

        _set.Apply([Good(Settings, Site("a", "a.example", "shared.example"))]);

        var refusal = Assert.Single(_set.Refusals);
        Assert.True(refusal.IsConflict);
        Assert.Equal("a.json hosts: The host 'shared.example' is taken by the site 'z' at z.json. A host belongs to one site: remove it from one of the two.", refusal.Error.ToString());
        Assert.Equal(["z"], Ids());
        Assert.Equal(["a"], _set.Apply([PlaceReading.Gone(File("z"))]).Changed.Select(s => s.Id.Value));
        Assert.Empty(_set.Refusals);
    }

    [Fact]
    public void A_changed_site_that_claims_anothers_host_stays_in_its_old_form()
    {
        _set.Apply([Good(File("a"), Site("a", "a.example")), Good(File("b"), Site("b", "b.example"))]);

        // c wants what a lets go of, but a keeps it: its new form is refused.
        var change = _set.Apply([Good(File("a"), Site("a", "new.example", "b.example")), Good(File("c"), Site("c", "a.example"))]);

        Assert.True(change.IsEmpty);
        Assert.Equal(["a.example"], _set.InForce[SiteId.Parse("a")].Placed.Site.Hosts);
        Assert.Equal(2, _set.Refusals.Count());
    }

    [Fact]
    public void Hosts_and_ids_change_hands_within_one_step()
    {
        _set.Apply([Good(File("a"), Site("a", "x.example")), Good(File("b"), Site("b", "y.example")), Good(File("c"), Site("c", "c.example"))]);

        _set.Apply([Good(File("a"), Site("a", "y.example")), Good(File("b"), Site("b", "x.example")), PlaceReading.Gone(File("c")), Good(File("d"), Site("c", "c.example"))]);

        Assert.Empty(_set.Refusals);
        Assert.Equal(["y.example"], _set.InForce[SiteId.Parse("a")].Placed.Site.Hosts);
        Assert.Equal(File("d"), _set.InForce[SiteId.Parse("c")].Place);
    }

    [Fact]
    public void One_id_in_two_places_is_a_conflict_of_the_later_place()
    {
        _set.Apply([Good(File("a"), Site("x", "a.example")), Good(File("b"), Site("x", "b.example")), Good(Settings, Site("x", "c.example"))]);

        Assert.Equal(Settings, _set.InForce[SiteId.Parse("x")].Place);
        Assert.Equal(2, _set.Refusals.Count(r => r.IsConflict));
    }

    [Fact]
    public void The_sample_site_gives_way_to_the_first_real_one_and_comes_back_after_the_last()
    {
        var sample = new SitePlace(SiteSource.Sample, "");
        _set.Apply([Good(sample, PlacedSite.Of(Site("sample", "*").Site, "here"))]);

        _set.Apply([Good(File("a"), Site("a", "*"))]);
        Assert.Equal(["a"], Ids());
        _set.Apply([PlaceReading.Gone(File("a"))]);
        Assert.Equal(["sample"], Ids());
    }

    [Fact]
    public void Whatever_changes_hosts_are_never_shared_and_nobody_loses_what_only_it_wants()
    {
        var place = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 7].Array[1, 3], Gen.Int[0, 9]);
        place.Array[1, 8].Array[1, 6].Sample(batches =>
        {
            var set = new SiteSet();
            foreach (var batch in batches)
            {
                set.Apply([.. batch.Select(b => b.Item4 switch
                {
                    0 => PlaceReading.Gone(File($"f{b.Item1}")),
                    1 => Bad(File($"f{b.Item1}")),
                    _ => Good(File($"f{b.Item1}"), Site($"s{b.Item2}", [.. b.Item3.Distinct().Select(h => $"h{h}.example")])),
                })]);
                var hosts = set.InForce.Values.SelectMany(s => s.Placed.Site.Hosts).ToList();
                Assert.Equal(hosts.Count, hosts.Distinct().Count());
                Assert.Equal(hosts.Count, set.HostCount);
                Assert.True(set.Apply([]).IsEmpty, "what is settled stays settled");
            }
        }, iter: 500);
    }

    [Fact]
    public void Changes_step_by_step_come_to_what_all_places_at_once_come_to()
    {
        // Without conflicts, so that nobody was first: file n has site n alone, and hosts of its own.
        var change = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 3], Gen.Int[0, 4]);
        change.Array[1, 3].Array[1, 8].Sample(batches =>
        {
            var set = new SiteSet();
            var whole = new Dictionary<string, PlaceReading>();
            foreach (var batch in batches)
            {
                var readings = batch.Select(c => c.Item3 == 0 ? PlaceReading.Gone(File($"f{c.Item1}"))
                    : Good(File($"f{c.Item1}"), Site($"s{c.Item1}", [.. Enumerable.Range(0, c.Item2 + 1).Select(h => $"h{h}.s{c.Item1}.example")]))).ToList();
                foreach (var reading in readings)
                    whole[reading.Place.Name] = reading;
                set.Apply(readings);
            }
            var atOnce = new SiteSet();
            atOnce.Apply([.. whole.Values]);
            Assert.Equal(Hosts(atOnce), Hosts(set));
            Assert.Equal(atOnce.HostCount, set.HostCount);
            Assert.Empty(set.Refusals);
        }, iter: 500);

        static IEnumerable<string> Hosts(SiteSet set) => set.InForce.Values.SelectMany(s => s.Placed.Site.Hosts).Order();
    }

    private static SitePlace File(string name) => new(SiteSource.Folder, name);

    private static PlaceReading Good(SitePlace place, params PlacedSite[] sites) => PlaceReading.Good(place, sites);

    private static PlaceReading Bad(SitePlace place) => PlaceReading.Bad(place, [new SettingError($"{place.Name}:1:1", "", "No site.", "Write one.")]);

    private static PlacedSite Site(string id, params string[] hosts) => new(
        new Site { Id = SiteId.Parse(id), Hosts = hosts, Origins = [new Uri("http://127.0.0.1:3000")] }, $"{id}.json", [.. hosts.Select(_ => $"{id}.json")],
        $"{id} {string.Join(' ', hosts)}");

    private IEnumerable<string> Ids() => _set.InForce.Keys.Select(k => k.Value);
}
