using Dapper;
using Weir.Control.Sql;
using Weir.TestKit;

namespace Weir.Control.Tests;

public sealed class ControlDatabaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_are_for_their_owner_alone()
    {
        await using var database = await OpenAsync();
        await new SqlSites(database, TimeProvider.System).EnsureAsync(Weir.Detection.SiteId.Parse("demo"));
        foreach (string file in Directory.GetFiles(_folder.Path, "control.db*"))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.True(File.Exists(_folder["control.db-wal"]));
    }

    [Fact]
    public async Task A_file_that_others_could_read_is_closed_to_them()
    {
        await (await OpenAsync()).DisposeAsync();
        File.SetUnixFileMode(_folder["control.db"], (UnixFileMode)0b110_100_100);
        await (await OpenAsync()).DisposeAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["control.db"]));
    }

    [Fact]
    public async Task Many_programs_may_start_together()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(OpenAsync)));
        foreach (var database in all)
        {
            await using var connection = database.Read();
            Assert.Equal(MigrationSet.Control.Read(SqlDialect.Sqlite).Count, connection.QuerySingle<int>("SELECT count(*) FROM schema_versions"));
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_refused_by_name()
    {
        await using (var database = await OpenAsync())
        {
            await database.WriteAsync(t => t.Connection!.Execute(
                "INSERT INTO schema_versions (ScriptName, Applied) VALUES ('control/0999_future', '2030-01-01')", transaction: t));
        }
        var refusal = await Assert.ThrowsAsync<ControlException>(OpenAsync);
        Assert.Contains("newer weir", refusal.Message);
        Assert.Contains("control/0999_future", refusal.Message);
    }

    [Fact]
    public async Task The_writer_goes_on_after_a_statement_that_failed_or_whose_table_has_changed()
    {
        await using var database = await OpenAsync();
        const string Insert = "INSERT INTO things (id, text) VALUES (@id, @text)";
        await database.WriteAsync(t => t.Connection!.Execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", transaction: t));
        await database.WriteAsync(t => t.Connection!.Execute(Insert, new { id = 1, text = "one" }, t));
        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => database.WriteAsync(t => t.Connection!.Execute(Insert, new { id = 1, text = "again" }, t)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(t => t.Connection!.Execute(Insert, new { id = 2 }, t))); // no text given
        await database.WriteAsync(t => t.Connection!.Execute("ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 7", transaction: t));
        await database.WriteAsync(t =>
        {
            // The same text is asked again while its rows are read.
            foreach (string text in t.Connection!.Query<string>("SELECT text FROM things", transaction: t, buffered: false))
                Assert.Equal([text], t.Connection!.Query<string>("SELECT text FROM things", transaction: t));
            t.Connection!.Execute(Insert, new { id = 3, text = "three" }, t);
        });
        await using var connection = database.Read();
        Assert.Equal([(1, "one", 7), (3, "three", 7)], connection.Query<(int, string, int)>("SELECT id, text, size FROM things ORDER BY id"));
    }

    [Fact]
    public async Task The_writer_takes_lists_of_parameters_and_parameters_that_are_lists()
    {
        await using var database = await OpenAsync();
        await database.WriteAsync(t => t.Connection!.Execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", transaction: t));
        var things = Enumerable.Range(1, 4).Select(id => new { id, text = $"t{id}" }).ToList();
        await database.WriteAsync(t => Assert.Equal(4, t.Connection!.Execute("INSERT INTO things (id, text) VALUES (@id, @text)", things, t)));
        for (int round = 0; round < 2; round++)
        {
            await database.WriteAsync(t => Assert.Equal(["t1", "t3"], t.Connection!.Query<string>(
                "SELECT text FROM things WHERE id < @below AND id IN @ids ORDER BY id", new { below = 4, ids = new[] { 1, 3, 4 } }, t)));
        }
    }

    [Fact]
    public async Task What_was_written_goes_into_the_file_while_writers_go_on()
    {
        await using var database = await OpenAsync();
        await database.WriteAsync(t => t.Connection!.Execute("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL)", transaction: t));
        long empty = new FileInfo(database.Path).Length;
        for (int batch = 0; new FileInfo(database.Path).Length < empty + 1_000_000; batch++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await database.WriteAsync(t => t.Connection!.Execute(
                """
                INSERT INTO things (text) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT printf('%.100c', 'x') FROM n
                """, transaction: t));
            Assert.True(batch < 1000, "Nothing of 100 MB was copied into the file.");
        }
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        await File.WriteAllTextAsync(_folder["control.db"], new string('x', 5000));
        var refusal = await Assert.ThrowsAsync<ControlException>(OpenAsync);
        Assert.Contains("control.db", refusal.Message);
        Assert.Equal(5000, new FileInfo(_folder["control.db"]).Length);
    }

    [Fact]
    public async Task A_write_that_throws_keeps_nothing()
    {
        await using var database = await OpenAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync(t =>
        {
            t.Connection!.Execute("INSERT INTO tenants (id, created_ms) VALUES ('acme', 0)", transaction: t);
            throw new InvalidOperationException();
        }));
        await using var connection = database.Read();
        Assert.Equal(0, connection.QuerySingle<int>("SELECT count(*) FROM tenants"));
    }

    [Fact]
    public async Task Writers_of_two_programs_lose_nothing()
    {
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        await Task.WhenAll(new[] { one, two }.SelectMany((database, d) => Enumerable.Range(0, 100).Select(i => Task.Run(() =>
            database.WriteAsync(t => t.Connection!.Execute("INSERT INTO tenants (id, created_ms) VALUES (@id, 0)", new { id = $"t{d}-{i}" }, t))))));
        await using var connection = two.Read();
        Assert.Equal(200, connection.QuerySingle<int>("SELECT count(*) FROM tenants"));
    }

    private Task<ControlDatabase> OpenAsync() => ControlDatabase.OpenAsync(_folder.Path, [MigrationSet.Control], TimeProvider.System);
}
