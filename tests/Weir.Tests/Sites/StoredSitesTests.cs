using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Tests.Sites;

public sealed class StoredSitesTests : IAsyncLifetime
{
    private readonly SiteRun _run = new();
    private readonly SitesInForce _sites;
    private ControlDatabase _control = null!;
    private Interrupted _definitions = null!;
    private StoredSites _stored = null!;

    public StoredSitesTests() => _sites = new SitesInForce(TimeProvider.System, _run.Log);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _control = await _run.OpenControlAsync();
        _definitions = new Interrupted(new SqlSiteDefinitions(_control, TimeProvider.System));
        _stored = new StoredSites(_definitions, SiteSurroundings.Unknown, _sites, new SiteFreshness(TimeProvider.System), TimeProvider.System, new Logger<StoredSites>(_run.Log));
    }

    public async ValueTask DisposeAsync()
    {
        _stored.Dispose();
        await _control.DisposeAsync();
        await _run.DisposeAsync();
    }

    [Fact]
    public async Task Definitions_are_served_changed_and_removed_as_the_store_says()
    {
        await PutAsync("a");
        await PutAsync("b");
        await _stored.PollAsync(Stop);
        Assert.Equal(["a", "b"], Ids());
        var before = _sites.Sites.Single(s => s.Id.Value == "a");

        await PutAsync("b", _run.New);
        await PutAsync("c");
        await _stored.PollAsync(Stop);
        Assert.Equal(["a", "b", "c"], Ids());
        Assert.Equal(_run.New, _sites.Sites.Single(s => s.Id.Value == "b").Origins[0]);
        Assert.Same(before, _sites.Sites.Single(s => s.Id.Value == "a"));

        await _definitions.Inner.RemoveAsync(SiteId.Parse("a"), Tenant.Default, null, Actor.Account, Stop);
        await _stored.PollAsync(Stop);
        Assert.Equal(["b", "c"], Ids());
    }

    [Fact]
    public async Task A_bad_definition_is_named_and_keeps_its_last_good_form()
    {
        await PutAsync("a");
        await _stored.PollAsync(Stop);

        await _definitions.Inner.PutAsync(SiteId.Parse("a"), Tenant.Default, "{ \"hosts\": \"a.example\" }", null, Actor.Account, stop: Stop);
        await _stored.PollAsync(Stop);

        Assert.Equal(["a"], Ids());
        Assert.Contains(_run.Log.Lines, l => l.Id == 4041 && l.Text.Contains("control store: site a:1:1 origins: A site has no origin.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_store_is_away_sites_stay_and_it_is_said_once()
    {
        await PutAsync("a");
        await _stored.PollAsync(Stop);
        _definitions.IsAway = true;
        await _stored.PollAsync(Stop);
        await _stored.PollAsync(Stop);
        Assert.Equal(["a"], Ids());
        await PutAsync("b");

        _definitions.IsAway = false;
        await _stored.PollAsync(Stop);

        Assert.Equal(["a", "b"], Ids());
        Assert.Equal((1, 1), (_run.Log.Lines.Count(l => l.Id == 4045), _run.Log.Lines.Count(l => l.Id == 4046)));
    }

    [Fact]
    public async Task What_an_earlier_run_kept_is_served_until_the_store_answers_and_then_only_what_it_has()
    {
        var kept = SiteDefinitions.ReadStored(SiteId.Parse("gone"), SiteRun.Json("gone", _run.Old), SiteSurroundings.Unknown, new SettingErrors())!;
        _sites.Apply([PlaceReading.Good(new SitePlace(SiteSource.Control, "gone"), [kept])]);
        await PutAsync("a");
        _definitions.IsAway = true;
        await _stored.PollAsync(Stop);
        Assert.Equal(["gone"], Ids());

        _definitions.IsAway = false;
        await _stored.PollAsync(Stop);

        Assert.Equal(["a"], Ids());
    }

    private Task PutAsync(string id, Uri? origin = null) =>
        _definitions.Inner.PutAsync(SiteId.Parse(id), Tenant.Default, SiteRun.Json(id, origin ?? _run.Old), null, Actor.Account, stop: Stop);

    private IEnumerable<string> Ids() => _sites.Sites.Select(s => s.Id.Value).Order();

    /// <summary>The real store behind a line that can be cut.</summary>
    private sealed class Interrupted(ISiteDefinitions inner) : ISiteDefinitions
    {
        public ISiteDefinitions Inner => inner;

        public bool IsAway { get; set; }

        public Task<long> VersionAsync(CancellationToken stop = default) => IsAway ? throw new IOException("The line is cut.") : inner.VersionAsync(stop);

        public Task<SiteDefinitionChanges> ReadAsync(long sinceVersion, CancellationToken stop = default) => inner.ReadAsync(sinceVersion, stop);

        public Task<SiteDefinition> PutAsync(SiteId id, string tenant, string json, long? ifVersion, Actor by, AuditNote? note = null, CancellationToken stop = default) =>
            inner.PutAsync(id, tenant, json, ifVersion, by, note, stop);

        public Task<bool> RemoveAsync(SiteId id, string tenant, long? ifVersion, Actor by, CancellationToken stop = default) => inner.RemoveAsync(id, tenant, ifVersion, by, stop);

        public Task<SiteDefinition?> FindAsync(SiteId id, CancellationToken stop = default) => inner.FindAsync(id, stop);

        public Task<IReadOnlyList<SiteDefinition>> ListAsync(string tenant, SiteId? after = null, int limit = 1000, CancellationToken stop = default) =>
            inner.ListAsync(tenant, after, limit, stop);

        public Task<IReadOnlyList<SiteChange>> ChangesAsync(string tenant, SiteId? site = null, long? before = null, int limit = 100, CancellationToken stop = default) =>
            inner.ChangesAsync(tenant, site, before, limit, stop);
    }
}
