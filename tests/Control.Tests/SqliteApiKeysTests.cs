using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class SqliteApiKeysTests : ApiKeysContract, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ControlDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await ControlDatabase.OpenAsync(_folder.Path, [MigrationSet.Control], Time);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_secret_is_in_no_file()
    {
        var made = await (await NewKeysAsync()).CreateAsync(new NewApiKey([Scopes.Admin]));
        byte[] secret = Encoding.UTF8.GetBytes(made.Text[^44..]);
        foreach (string file in Directory.GetFiles(_folder.Path, "control.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(secret));
        }
    }

    protected override Task<IApiKeys> NewKeysAsync() =>
        Task.FromResult<IApiKeys>(new SqlApiKeys(_database, Time, NullLogger<SqlApiKeys>.Instance));
}
