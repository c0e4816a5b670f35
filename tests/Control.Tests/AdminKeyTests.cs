using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class AdminKeyTests : IAsyncLifetime
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
    public async Task The_first_start_makes_it_and_later_ones_find_it()
    {
        var (key, isNew) = await EnsureAsync();
        Assert.True(isNew);
        Assert.Equal(key, (await File.ReadAllTextAsync(_folder["admin.key"])).Trim());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["admin.key"]));
        Assert.Equal((key, false), await EnsureAsync());
        var found = await Keys().FindAsync(key);
        Assert.Equal(Tenant.Default, found!.Tenant);
        Assert.True(found.Allows(Scopes.Admin));
    }

    [Fact]
    public async Task Programs_that_start_together_make_one_key()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(EnsureAsync)));
        Assert.Single(all, a => a.IsNew);
        Assert.Single(all.Select(a => a.Key).Distinct());
        Assert.Single(await Keys().ListAsync());
    }

    [Fact]
    public async Task A_revoked_key_and_a_file_of_another_store_give_a_new_one()
    {
        var (first, _) = await EnsureAsync();
        await Keys().RevokeAsync((await Keys().FindAsync(first))!.Id);
        var (second, isNew) = await EnsureAsync();
        Assert.True(isNew);
        Assert.NotEqual(first, second);
        await File.WriteAllTextAsync(_folder["admin.key"], "weir_" + new string('0', 54));
        Assert.True((await EnsureAsync()).IsNew);
        Assert.Equal(["admin.key", "admin.key.lock"],
            Directory.GetFiles(_folder.Path, "admin*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private Task<(string Key, bool IsNew)> EnsureAsync() => AdminKey.EnsureAsync(_folder.Path, Keys(), TimeProvider.System);

    private SqlApiKeys Keys() => new(_database, TimeProvider.System, NullLogger<SqlApiKeys>.Instance);
}
