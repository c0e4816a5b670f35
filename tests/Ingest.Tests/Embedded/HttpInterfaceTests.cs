using System.IO.Compression;
using System.Net;
using System.Text;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>ClickHouse's HTTP interface as any client sees it.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class HttpInterfaceTests(EmbeddedFixture fixture)
{
    [Theory]
    [InlineData("/ping")]
    [InlineData("/")]
    public async Task Ping_needs_no_password(string path)
    {
        using HttpClient stranger = new() { BaseAddress = fixture.Server.Endpoint.Url };
        Assert.Equal("Ok.\n", await stranger.GetStringAsync(new Uri(path, UriKind.Relative)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task Without_the_token_nothing_runs(string? password)
    {
        using HttpClient stranger = new() { BaseAddress = fixture.Server.Endpoint.Url };
        if (password is not null) stranger.DefaultRequestHeaders.Add("X-ClickHouse-Key", password);
        using HttpResponseMessage response = await stranger.PostAsync(new Uri("/", UriKind.Relative), new StringContent("SELECT 1"));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("516", response.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
    }

    [Fact]
    public async Task The_token_is_taken_from_header_or_url()
    {
        using HttpClient stranger = new() { BaseAddress = fixture.Server.Endpoint.Url };
        string token = fixture.Server.Endpoint.Password;
        Assert.Equal("1\n", await stranger.GetStringAsync(new Uri($"/?query=SELECT+1&user=default&password={token}", UriKind.Relative)));
        stranger.DefaultRequestHeaders.Add("X-ClickHouse-User", "default");
        stranger.DefaultRequestHeaders.Add("X-ClickHouse-Key", token);
        Assert.Equal("1\n", await stranger.GetStringAsync(new Uri("/?query=SELECT+1", UriKind.Relative)));
    }

    [Fact]
    public async Task An_answer_tells_format_id_time_zone_and_summary()
    {
        using HttpResponseMessage response = await fixture.Http.PostAsync(
            new Uri("/?query_id=my-id&default_format=JSONEachRow", UriKind.Relative), new StringContent("SELECT number FROM numbers(3)"));
        Assert.Equal("{\"number\":0}\n{\"number\":1}\n{\"number\":2}\n", await response.Content.ReadAsStringAsync());
        Assert.Equal("my-id", response.Headers.GetValues("X-ClickHouse-Query-Id").Single());
        Assert.Equal("JSONEachRow", response.Headers.GetValues("X-ClickHouse-Format").Single());
        Assert.NotEmpty(response.Headers.GetValues("X-ClickHouse-Timezone").Single());
        Assert.NotEmpty(response.Headers.GetValues("X-ClickHouse-Server-Display-Name").Single());
        Assert.Contains("\"read_rows\":\"3\"", response.Headers.GetValues("X-ClickHouse-Summary").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT 1; DROP TABLE system.one")]
    [InlineData("SELECT 1; and rubbish")]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("-- nothing")]
    [InlineData("INSERT INTO FUNCTION null('a UInt8') VALUES (1); SELECT 1; DROP TABLE x")]
    public async Task Text_that_is_not_one_statement_is_refused_or_runs_one(string sql)
    {
        (int status, string text) = await fixture.PostAsync(sql);
        if (sql.StartsWith("INSERT", StringComparison.Ordinal)) Assert.Equal("", text);
        else Assert.Equal((400, true), (status, text.Contains("SYNTAX_ERROR", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("SELECT 1 INTO OUTFILE '/tmp/weir-must-not-be'")]
    [InlineData("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT TSV")]
    public async Task Files_of_the_machine_are_out_of_reach(string sql)
    {
        Assert.Equal(501, (await fixture.PostAsync(sql)).Status);
        Assert.False(File.Exists("/tmp/weir-must-not-be"));
    }

    [Fact]
    public async Task Get_and_readonly_do_not_write()
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (a UInt8) ENGINE = Memory");
        foreach (string sql in (string[])[$"DROP TABLE {table}", $"INSERT INTO {table} VALUES (1)", $"INSERT INTO {table} SELECT 1"])
        {
            using HttpResponseMessage get = await fixture.Http.GetAsync(new Uri("/?query=" + Uri.EscapeDataString(sql), UriKind.Relative));
            Assert.Equal("164", get.Headers.GetValues("X-ClickHouse-Exception-Code").Single());
            Assert.Contains("READONLY", (await fixture.PostAsync(sql, "/?readonly=1")).Text, StringComparison.Ordinal);
            Assert.Contains("READONLY", (await fixture.PostAsync(sql, "/?readonly=2")).Text, StringComparison.Ordinal);
        }
        Assert.Equal("0", await fixture.RunAsync($"SELECT count() FROM {table}", "/?readonly=1"));
        Assert.Equal("", await fixture.RunAsync($"INSERT INTO {table} VALUES (1)"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Bodies_and_answers_are_compressed_both_ways(string encoding)
    {
        using MemoryStream packed = new();
        using (Stream pack = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => (Stream)new ZstdSharp.CompressionStream(packed, leaveOpen: true),
        }) pack.Write("SELECT toString(number) FROM numbers(200000)"u8);
        using HttpRequestMessage request = new(HttpMethod.Post, "/?enable_http_compression=1") { Content = new ByteArrayContent(packed.ToArray()) };
        request.Content.Headers.ContentEncoding.Add(encoding);
        request.Headers.AcceptEncoding.ParseAdd(encoding);
        using HttpResponseMessage response = await fixture.Http.SendAsync(request);
        Assert.Equal([encoding], response.Content.Headers.ContentEncoding);
        using Stream body = await response.Content.ReadAsStreamAsync();
        using Stream unpack = encoding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => (Stream)new ZstdSharp.DecompressionStream(body),
        };
        using StreamReader reader = new(unpack);
        Assert.Equal(string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i}\n")), await reader.ReadToEndAsync());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("lz4")]
    [InlineData("snappy")]
    public async Task A_body_that_is_not_what_it_says_is_refused(string encoding)
    {
        (int status, byte[] text) = await fixture.PostBytesAsync("SELECT 1 and some more bytes to be sure"u8.ToArray(), encoding: encoding);
        Assert.NotEqual(200, status);
        Assert.StartsWith("Code: ", Encoding.UTF8.GetString(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CSVWithNames")]
    [InlineData("CSVWithNamesAndTypes")]
    [InlineData("TSVWithNames")]
    [InlineData("TabSeparatedWithNamesAndTypes")]
    [InlineData("JSONCompactEachRowWithNamesAndTypes")]
    [InlineData("RowBinaryWithNames")]
    [InlineData("RowBinaryWithNamesAndTypes")]
    [InlineData("JSON")]
    [InlineData("Parquet")]
    [InlineData("Native")]
    [InlineData("Arrow")]
    public async Task A_result_of_many_blocks_is_one_result(string format)
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (`n\n\"'x` UInt64, s String) ENGINE = Memory");
        (int status, byte[] result) = await fixture.PostBytesAsync(Encoding.UTF8.GetBytes(
            $"SELECT number AS `n\n\"'x`, toString(number) AS s FROM numbers(200000) FORMAT {format}"));
        Assert.Equal(200, status);
        // Reading it back with the engine's own parser is the proof that headers came once.
        byte[] insert = [.. Encoding.UTF8.GetBytes($"INSERT INTO {table} FORMAT {format}\n"), .. result];
        (status, byte[] answer) = await fixture.PostBytesAsync(insert);
        Assert.True(status == 200, Encoding.UTF8.GetString(answer));
        Assert.Equal("200000\t19999900000\t1088890", await fixture.RunAsync($"SELECT count(), sum(`n\n\"'x`), sum(length(s)) FROM {table}"));
    }

    [Fact]
    public async Task Totals_come_once()
    {
        string text = await fixture.RunAsync("SELECT number % 2 AS k, count() FROM numbers(200000) GROUP BY k WITH TOTALS ORDER BY k FORMAT TSVWithNames");
        Assert.Equal("k\tcount()\n0\t100000\n1\t100000\n\n0\t200000", text);
    }

    [Fact]
    public async Task Database_and_settings_of_a_url_hold_for_one_statement()
    {
        Assert.Equal("system\t3", await fixture.RunAsync("SELECT currentDatabase(), getSetting('max_threads')", "/?database=system&max_threads=3"));
        for (int i = 0; i < 20; i++) Assert.DoesNotContain("3", await fixture.RunAsync("SELECT currentDatabase(), getSetting('max_threads')"), StringComparison.Ordinal);
        Assert.Equal(404, (await fixture.PostAsync("SELECT 1", "/?database=nowhere")).Status);
        Assert.Equal(404, (await fixture.PostAsync("SELECT 1", "/?no_such_setting=1")).Status);
        Assert.Equal("1", await fixture.RunAsync("SELECT 1"));
    }

    [Fact]
    public async Task Set_and_use_without_a_session_are_forgotten()
    {
        await fixture.RunAsync("SET max_threads = 3");
        await fixture.RunAsync("USE system");
        await fixture.RunAsync("CREATE TEMPORARY TABLE leak (a UInt8)");
        for (int i = 0; i < 20; i++)
        {
            Assert.DoesNotContain("3", await fixture.RunAsync("SELECT currentDatabase(), getSetting('max_threads')"), StringComparison.Ordinal);
            Assert.Equal(404, (await fixture.PostAsync("SELECT * FROM leak")).Status);
        }
    }

    [Fact]
    public async Task A_session_keeps_its_own_settings_under_those_of_a_url()
    {
        string session = $"/?session_id={Guid.NewGuid():N}";
        await fixture.RunAsync("SET max_threads = 3", session);
        await fixture.RunAsync("USE system", session);
        Assert.Equal("5\tdefault", await fixture.RunAsync("SELECT getSetting('max_threads'), currentDatabase()", session + "&max_threads=5&database=default"));
        Assert.Equal("3\tsystem", await fixture.RunAsync("SELECT getSetting('max_threads'), currentDatabase()", session));
        Assert.Equal(404, (await fixture.PostAsync("SELECT 1", "/?session_check=1&session_id=none")).Status);
        await fixture.RunAsync("SELECT 1", session + "&close_session=1");
        Assert.Equal(404, (await fixture.PostAsync("SELECT 1", session + "&session_check=1")).Status);
    }

    [Fact]
    public async Task A_statement_without_data_has_a_bound()
    {
        (int status, _) = await fixture.PostAsync("SELECT '" + new string('x', 17 * 1024 * 1024) + "'");
        Assert.Equal(413, status);
    }

    [Fact]
    public async Task Execution_time_is_limited()
    {
        (int status, string text) = await fixture.PostAsync("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)", "/?max_execution_time=1");
        Assert.Equal((408, true), (status, text.Contains("TIMEOUT_EXCEEDED", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Asynchronous_inserts_are_there_when_acknowledged()
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (a UInt8) ENGINE = MergeTree ORDER BY a");
        await fixture.RunAsync($"INSERT INTO {table} FORMAT CSV\n1\n2\n", "/?async_insert=1&wait_for_async_insert=1");
        Assert.Equal("2", await fixture.RunAsync($"SELECT count() FROM {table}"));
    }
}
