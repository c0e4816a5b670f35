using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Tests.Sites;

/// <summary>What the API knows of sites in files while the files change.</summary>
public sealed class FileSiteFollowerTests : IAsyncLifetime
{
    private readonly SiteRun _run = new();
    private readonly SemaphoreSlim _taken = new(0);
    private ControlDatabase _control = null!;
    private SqlSites _known = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _control = await _run.OpenControlAsync();
        _known = new SqlSites(_control, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync();
        await _run.DisposeAsync();
        _taken.Dispose();
    }

    [Fact]
    public async Task A_site_that_a_file_brings_is_known_and_one_whose_file_is_gone_may_be_written_to_the_store()
    {
        _run.Site("first", _run.Old);
        using var sites = _run.Open();
        var files = new SiteFiles(sites.FileSites);
        var check = new SiteDefinitionCheck(SiteSurroundings.Unknown, files);
        using var follower = await FollowAsync(sites, files, _known);

        Change(sites, Folder("second.json"), "second");
        await _taken.WaitAsync(Stop);

        Assert.NotNull(await _known.FindAsync(SiteId.Parse("second"), Stop));
        Assert.Equal(Path.Combine(_run.Folder, "second.json"), files.Find(SiteId.Parse("second"))?.Place);
        string refusal = Assert.Single(check.Check(SiteId.Parse("third"), Definition("second.example")));
        Assert.Contains("second.json", refusal, StringComparison.Ordinal);

        sites.InForce.Apply([PlaceReading.Gone(Folder("second.json"))]);
        await _taken.WaitAsync(Stop);

        Assert.Null(files.Find(SiteId.Parse("second")));
        Assert.Empty(check.Check(SiteId.Parse("third"), Definition("second.example")));
        Assert.NotNull(await _known.FindAsync(SiteId.Parse("second"), Stop)); // its hits stay
        await follower.StopAsync(Stop);
    }

    [Fact]
    public void The_sample_site_holds_no_host_against_the_first_real_one()
    {
        using var sites = _run.Open();
        sites.AddSample(PlacedSite.Of(new Site { Id = SiteId.Parse("sample"), Hosts = ["*"], Origins = [_run.Old] }, "the built-in sample site"));
        var files = new SiteFiles(sites.FileSites);

        Assert.Equal("the built-in sample site", files.Find(SiteId.Parse("sample"))?.Place);
        Assert.Empty(new SiteDefinitionCheck(SiteSurroundings.Unknown, files).Check(SiteId.Parse("mine"), Definition("*")));
    }

    [Fact]
    public async Task A_store_that_takes_no_writes_is_tried_again_at_the_next_change_and_said()
    {
        using var sites = _run.Open();
        var files = new SiteFiles(sites.FileSites);
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var broken = new Breaking(_known);
        using var follower = await FollowAsync(sites, files, broken, time);

        Change(sites, Folder("new.json"), "new");
        while (_run.Log.Lines.All(l => l.Id != 7100))
            await Task.Yield();
        Assert.NotNull(files.Find(SiteId.Parse("new"))); // the file has it, whatever the store says
        broken.IsBroken = false;
        while (!_taken.Wait(0, Stop))
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.NotNull(await _known.FindAsync(SiteId.Parse("new"), Stop));
        await follower.StopAsync(Stop);
    }

    private async Task<FileSiteFollower> FollowAsync(SiteSources sites, SiteFiles files, ISites known, TimeProvider? time = null)
    {
        var follower = new FileSiteFollower(sites, files, known, [], time ?? TimeProvider.System, new Logger<FileSiteFollower>(_run.Log)) { Taken = () => _taken.Release() };
        await follower.StartAsync(Stop);
        await _taken.WaitAsync(Stop); // what there was at the start
        return follower;
    }

    private static SitePlace Folder(string file) => new(SiteSource.Folder, file);

    private void Change(SiteSources sites, SitePlace place, string id) =>
        sites.InForce.Apply([PlaceReading.Good(place, [new PlacedSite(Site(id), place.Name, [place.Name], id)])]);

    private Site Site(string id) => new() { Id = SiteId.Parse(id), Hosts = [$"{id}.example"], Origins = [_run.Old] };

    private static string Definition(string host) => $$"""{ "hosts": "{{host}}", "origins": "http://127.0.0.1:3000" }""";

    private sealed class Breaking(ISites sites) : ISites
    {
        public bool IsBroken { get; set; } = true;

        public Task<KnownSite> EnsureAsync(SiteId id, string tenant = Tenant.Default, string name = "", CancellationToken stop = default) =>
            IsBroken ? throw new ControlException("The disk is full.") : sites.EnsureAsync(id, tenant, name, stop);

        public Task<KnownSite?> FindAsync(SiteId id, CancellationToken stop = default) => sites.FindAsync(id, stop);

        public Task<IReadOnlyList<KnownSite>> ListAsync(string tenant, CancellationToken stop = default) => sites.ListAsync(tenant, stop);
    }
}
