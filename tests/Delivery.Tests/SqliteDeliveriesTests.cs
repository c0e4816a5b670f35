using Weir.Control;
using Weir.TestKit;

namespace Weir.Delivery.Tests;

public sealed class SqliteDeliveriesTests : DeliveriesContract, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ControlDatabase? _store;

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _folder.Dispose();
    }

    protected override string KeyFile => _folder[CertificateKeyFile.DefaultName];

    protected override async Task<IControlStore> NewStoreAsync() =>
        _store = await ControlDatabase.OpenAsync(_folder.Path, [MigrationSet.Control], TimeProvider.System);
}
