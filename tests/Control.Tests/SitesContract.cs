using Weir.Detection;

namespace Weir.Control.Tests;

/// <summary>What every store of known sites must do.</summary>
public abstract class SitesContract
{
    protected abstract Task<ISites> NewSitesAsync();

    [Fact]
    public async Task A_site_keeps_its_first_tenant()
    {
        var sites = await NewSitesAsync();
        var demo = SiteId.Parse("demo");
        Assert.Null(await sites.FindAsync(demo));
        Assert.Equal("acme", (await sites.EnsureAsync(demo, "acme", "Demo shop")).Tenant);
        Assert.Equal("acme", (await sites.EnsureAsync(demo, "other")).Tenant);
        Assert.Equal("Demo shop", (await sites.FindAsync(demo))!.Name);
        Assert.Single(await sites.ListAsync("acme"));
        Assert.Empty(await sites.ListAsync("other"));
    }

    [Fact]
    public async Task Sites_are_listed_in_the_order_of_their_bytes()
    {
        var sites = await NewSitesAsync();
        foreach (string id in (string[])["b", "a-b", "a.b", "a1", "B", "ab"])
            await sites.EnsureAsync(SiteId.Parse(id));
        string[] listed = [.. (await sites.ListAsync(Tenant.Default)).Select(s => s.Id.Value)];
        Assert.Equal(listed.Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task Programs_that_make_the_same_sites_together_make_each_once()
    {
        var sites = await NewSitesAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => sites.EnsureAsync(SiteId.Parse($"site{i % 4}"), $"tenant{i % 2}"))));
        Assert.Equal(["site0", "site2"], (await sites.ListAsync("tenant0")).Select(s => s.Id.Value));
        Assert.Equal(["site1", "site3"], (await sites.ListAsync("tenant1")).Select(s => s.Id.Value));
    }
}
