using System.Text;
using Weir.Control.Postgres;
using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class PostgresStoredCertificatesTests(PostgresFixture postgres) : StoredCertificatesContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<PostgresStore> _stores = [];
    private PostgresOptions _database = null!;

    protected override CertificateKeyFile KeyFile => new(_folder["secret/certificates.key"]);

    public async ValueTask InitializeAsync() => _database = await postgres.NewDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task<IStoredCertificates> NewCertificatesAsync()
    {
        var store = await PostgresStore.OpenAsync(_database, []);
        lock (_stores)
            _stores.Add(store);
        return new SqlStoredCertificates(store, KeyFile, Time);
    }

    protected override async Task<byte[]> BytesAsync() =>
        Encoding.Latin1.GetBytes(await postgres.Server.QueryAsync(_database.Database, "SELECT certificates::text, encode(sealed_key, 'escape') FROM certificates"));
}
