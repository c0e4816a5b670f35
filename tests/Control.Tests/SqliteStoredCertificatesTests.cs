using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class SqliteStoredCertificatesTests : StoredCertificatesContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ControlDatabase> _databases = [];

    protected override CertificateKeyFile KeyFile => new(_folder["secret/certificates.key"]);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
            await database.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task<IStoredCertificates> NewCertificatesAsync()
    {
        var database = await ControlDatabase.OpenAsync(_folder.Path, [MigrationSet.Control], Time);
        lock (_databases)
            _databases.Add(database);
        return new SqlStoredCertificates(database, KeyFile, Time);
    }

    protected override async Task<byte[]> BytesAsync()
    {
        using var all = new MemoryStream();
        foreach (string file in Directory.GetFiles(_folder.Path, "control.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await stream.CopyToAsync(all);
        }
        return all.ToArray();
    }
}
