using Weir.Control.Sql;
using Weir.Detection;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class SqliteSitesTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ControlDatabase _database = null!;

    public async ValueTask InitializeAsync() =>
        _database = await ControlDatabase.OpenAsync(_folder.Path, [MigrationSet.Control], TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_site_keeps_its_first_tenant()
    {
        var sites = new SqlSites(_database, TimeProvider.System);
        var demo = SiteId.Parse("demo");
        Assert.Null(await sites.FindAsync(demo));
        Assert.Equal("acme", (await sites.EnsureAsync(demo, "acme", "Demo shop")).Tenant);
        Assert.Equal("acme", (await sites.EnsureAsync(demo, "other")).Tenant);
        Assert.Equal("Demo shop", (await sites.FindAsync(demo))!.Name);
        Assert.Single(await sites.ListAsync("acme"));
        Assert.Empty(await sites.ListAsync("other"));
    }
}
