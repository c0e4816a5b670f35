using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class SqliteSitesTests : SitesContract, IAsyncLifetime
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

    protected override Task<ISites> NewSitesAsync() => Task.FromResult<ISites>(new SqlSites(_database, TimeProvider.System));
}
