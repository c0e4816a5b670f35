using System.Net.Sockets;
using System.Text;
using CsCheck;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>No request takes the process down.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class GarbageTests(EmbeddedFixture fixture)
{
    static readonly Gen<string> Word = Choice.Of(
        "SELECT", "INSERT INTO", "FORMAT", "VALUES", "CSV", "RowBinary", "Native", "JSON", "(", ")", "'", "`", ";", "\n\n", "--", "/*", "*/", "{x:String}",
        "system.one", "1", ",", "\0", "SETTINGS", "max_threads", "=", "WITH", "FROM", "numbers(10)", "INTO OUTFILE", "UNION ALL", "$$", "ẞ", "EXPLAIN");

    static readonly Gen<string> Parameter = Choice.Of(
        "query=SELECT+1", "query=%00", "database=%FF", "param_x=%5C", "session_id=g", "session_timeout=-1", "max_threads=x", "readonly=2", "compress=1",
        "default_format=Nope", "enable_http_compression=1", "wait_end_of_query=1", "=", "a=b;c", "param_=1", "log_comment=%27");

    [Fact]
    public async Task Random_statements_and_urls_are_answered()
    {
        int process = fixture.Server.ProcessId;
        await Gen.Select(Word.Array[0, 12], Parameter.Array[0, 3]).SampleAsync(
            async (words, parameters) =>
            {
                using HttpResponseMessage response = await fixture.Http.PostAsync(
                    new Uri("/?" + string.Join('&', parameters), UriKind.Relative), new StringContent(string.Join(' ', words)));
                await response.Content.ReadAsByteArrayAsync();
            },
            iter: 300, threads: 2);
        Assert.Equal((process, "1"), (fixture.Server.ProcessId, await fixture.RunAsync("SELECT 1")));
    }

    [Fact]
    public async Task Random_bytes_as_data_of_an_insert_are_answered()
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (a UInt32, s String, l LowCardinality(String), m Map(String, UInt8)) ENGINE = MergeTree ORDER BY a");
        int process = fixture.Server.ProcessId;
        await Gen.Select(Choice.Of("RowBinary", "Native", "JSONEachRow", "CSV", "Parquet", "Values", "RowBinaryWithNamesAndTypes", "Arrow"), Gen.Byte.Array[0, 300])
            .SampleAsync(async (format, bytes) =>
            {
                await fixture.PostBytesAsync([.. Encoding.ASCII.GetBytes($"INSERT INTO {table} FORMAT {format}\n"), .. bytes]);
            },
            iter: 200, threads: 2);
        Assert.Equal((process, "1"), (fixture.Server.ProcessId, await fixture.RunAsync($"EXISTS {table}")));
    }

    [Fact]
    public async Task Random_bytes_on_the_socket_are_survived()
    {
        int process = fixture.Server.ProcessId;
        await Gen.Byte.Array[1, 400].SampleAsync(
            async bytes =>
            {
                using TcpClient client = new();
                await client.ConnectAsync(fixture.Server.Endpoint.Url.Host, fixture.Server.Endpoint.Url.Port);
                await client.GetStream().WriteAsync("POST /?"u8.ToArray().Concat(bytes).ToArray());
            },
            iter: 100, threads: 2);
        Assert.Equal((process, "1"), (fixture.Server.ProcessId, await fixture.RunAsync("SELECT 1")));
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_not_stored()
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (a UInt32) ENGINE = MergeTree ORDER BY a");
        using (TcpClient client = new())
        {
            await client.ConnectAsync(fixture.Server.Endpoint.Url.Host, fixture.Server.Endpoint.Url.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /?password={fixture.Server.Endpoint.Password}&query=INSERT+INTO+{table}+FORMAT+CSV HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n1\n2\n3\n"));
            while (await fixture.RunAsync($"SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO {table} %'") != "1") await Task.Yield();
        }
        while (await fixture.RunAsync($"SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO {table} %'") != "0") await Task.Yield();
        Assert.Equal("0", await fixture.RunAsync($"SELECT count() FROM {table}"));
    }
}
