using ClickHouse.Driver;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using ClickHouse.Driver.Compression;
using ClickHouse.Driver.Utility;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>ClickHouse.Driver against the embedded server: inserts, errors, cancellation, sessions, compression, concurrency.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class DriverTests(EmbeddedFixture fixture)
{
    [Theory]
    [InlineData(InsertQueryPlacement.Body)]
    [InlineData(InsertQueryPlacement.Url)]
    public async Task A_bulk_insert_of_100k_rows_arrives_whole(InsertQueryPlacement placement)
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (id UInt64, path String, at DateTime) ENGINE = MergeTree ORDER BY id");
        DateTime at = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        IEnumerable<object[]> rows = Enumerable.Range(0, 100_000).Select(i => new object[] { (ulong)i, $"/page/{i}\n\n", at });
        long written = await fixture.Driver.InsertBinaryAsync(
            table, ["id", "path", "at"], rows, new InsertOptions { BatchSize = 40_000, QueryPlacement = placement });
        Assert.Equal(100_000, written);
        Assert.Equal("100000\t4999950000", await fixture.RunAsync($"SELECT count(), sum(id) FROM {table} WHERE path = concat('/page/', toString(id), '\\n\\n')"));
    }

    [Fact]
    public async Task Every_compressor_of_the_driver_is_understood()
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (id UInt64) ENGINE = MergeTree ORDER BY id");
        foreach (IClickHouseCompressor compressor in (IClickHouseCompressor[])[
            GZipCompressor.Default, BrotliCompressor.Default, ZstdCompressor.Default, Lz4Compressor.Default])
        {
            await fixture.Driver.InsertBinaryAsync(
                table, ["id"], Enumerable.Range(0, 1000).Select(i => new object[] { (ulong)i }), new InsertOptions { Compressor = compressor });
        }
        Assert.Equal("4000", await fixture.RunAsync($"SELECT count() FROM {table}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_result_is_read_whole_with_and_without_compression(bool compression)
    {
        using ClickHouseClient driver = EmbeddedFixture.NewDriver(fixture.Server.Endpoint, compression);
        using ClickHouseDataReader reader = await driver.ExecuteReaderAsync("SELECT number, toString(number) FROM numbers(500000)");
        ulong rows = 0;
        while (reader.Read())
        {
            Assert.Equal(rows, reader.GetUInt64(0));
            rows++;
        }
        Assert.Equal(500_000UL, rows);
    }

    [Theory]
    [InlineData("SELEC 1", 62)]
    [InlineData("SELECT * FROM no_such_table", 60)]
    [InlineData("SELECT no_such_column FROM system.one", 47)]
    [InlineData("SELECT throwIf(number = 5) FROM numbers(10)", 395)]
    [InlineData("INSERT INTO no_such_table VALUES (1)", 60)]
    public async Task An_error_has_ClickHouses_number_and_the_client_works_on(string sql, int code)
    {
        var error = await Assert.ThrowsAsync<ClickHouseServerException>(() => fixture.Driver.ExecuteScalarAsync(sql));
        Assert.Equal(code, error.ErrorCode);
        Assert.Contains($"Code: {code}. DB::Exception:", error.Message, StringComparison.Ordinal);
        Assert.Equal((byte)1, await fixture.Driver.ExecuteScalarAsync("SELECT 1"));
    }

    [Fact]
    public async Task An_error_in_the_middle_of_a_sent_result_is_an_error()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using ClickHouseDataReader reader = await fixture.Driver.ExecuteReaderAsync(
                "SELECT number, throwIf(number = 2000000, 'too far') FROM numbers(3000000) SETTINGS max_threads = 1");
            while (reader.Read()) { }
        });
        Assert.Contains("too far", error.ToString(), StringComparison.Ordinal);
        Assert.Equal((byte)1, await fixture.Driver.ExecuteScalarAsync("SELECT 1"));
    }

    [Theory]
    [InlineData("SELECT sleepEachRow(1), 'MARK' FROM numbers(600) SETTINGS max_block_size = 1")]
    [InlineData("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(cityHash64(number), 'MARK')")]
    [InlineData("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(cityHash64(number), 'MARK') FORMAT JSON")]
    [InlineData("INSERT INTO FUNCTION null('n UInt64') SELECT number FROM numbers(1000000000000) WHERE NOT ignore('MARK')")]
    public async Task A_cancelled_statement_stops_in_the_engine(string sql)
    {
        string mark = $"cancel-{Guid.NewGuid():N}";
        using CancellationTokenSource stop = new();
        Task<object> run = fixture.Driver.ExecuteScalarAsync(sql.Replace("MARK", mark, StringComparison.Ordinal), cancellationToken: stop.Token);
        string running = $"SELECT count() FROM system.processes WHERE query LIKE '%{mark}%' AND query NOT LIKE '%system.processes%'";
        while (await fixture.RunAsync(running) != "1") Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        while (await fixture.RunAsync(running) != "0") await Task.Yield();
        Assert.Equal((byte)1, await fixture.Driver.ExecuteScalarAsync("SELECT 1"));
    }

    [Fact]
    public async Task Settings_and_temporary_tables_of_a_session_stay_in_it()
    {
        using ClickHouseClient one = EmbeddedFixture.NewDriver(fixture.Server.Endpoint, session: Guid.NewGuid().ToString());
        using ClickHouseClient two = EmbeddedFixture.NewDriver(fixture.Server.Endpoint, session: Guid.NewGuid().ToString());
        await one.ExecuteNonQueryAsync("SET max_threads = 7");
        await one.ExecuteNonQueryAsync("CREATE TEMPORARY TABLE mine (a UInt8)");
        await one.ExecuteNonQueryAsync("INSERT INTO mine VALUES (1), (2)");
        const string Threads = "SELECT toString(getSetting('max_threads'))";
        Assert.Equal("7", await one.ExecuteScalarAsync(Threads));
        Assert.Equal(2UL, await one.ExecuteScalarAsync("SELECT count() FROM mine"));
        Assert.NotEqual("7", await two.ExecuteScalarAsync(Threads));
        var error = await Assert.ThrowsAsync<ClickHouseServerException>(() => two.ExecuteScalarAsync("SELECT count() FROM mine"));
        Assert.Equal(60, error.ErrorCode);
    }

    [Fact]
    public async Task Many_statements_run_at_once()
    {
        IEnumerable<Task> all = Enumerable.Range(0, 200).Select(async i =>
        {
            ClickHouseParameterCollection parameters = new();
            parameters.AddParameter("i", i);
            object sum = await fixture.Driver.ExecuteScalarAsync("SELECT sum(number) + {i:Int32} FROM numbers(10000)", parameters);
            Assert.Equal(49_995_000L + i, Convert.ToInt64(sum, System.Globalization.CultureInfo.InvariantCulture));
        });
        await Task.WhenAll(all);
    }

    [Fact]
    public async Task Custom_settings_hold_for_one_statement()
    {
        QueryOptions options = new() { CustomSettings = new Dictionary<string, object> { ["max_threads"] = 5 } };
        const string Threads = "SELECT toString(getSetting('max_threads'))";
        Assert.Equal("5", await fixture.Driver.ExecuteScalarAsync(Threads, options: options));
        // More statements than connections: none of them may see the setting.
        for (int i = 0; i < 20; i++) Assert.NotEqual("5", await fixture.Driver.ExecuteScalarAsync(Threads));
    }
}
