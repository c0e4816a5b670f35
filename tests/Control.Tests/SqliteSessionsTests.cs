using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class SqliteSessionsTests : SessionsContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ControlDatabase _database = null!;

    protected override IControlStore Store => _database;

    public async ValueTask InitializeAsync() => _database = await ControlDatabase.OpenAsync(_folder.Path, [MigrationSet.Control], Time);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
