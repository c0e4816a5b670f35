using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class SqliteSiteDefinitionsTests : SiteDefinitionsContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ControlDatabase> _databases = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
            await database.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task<ISiteDefinitions> NewDefinitionsAsync()
    {
        var database = await ControlDatabase.OpenAsync(_folder.Path, [MigrationSet.Control], Time);
        lock (_databases)
            _databases.Add(database);
        return new SqlSiteDefinitions(database, Time);
    }
}
