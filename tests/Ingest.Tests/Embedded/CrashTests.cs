using System.Diagnostics;
using System.Text;
using Weir.Ingest.Embedded;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>The child is killed under inserts: what was acknowledged stays, what is sent again is stored once.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    const int Rounds = 4;
    const int BatchRows = 2000;

    readonly string _folder = Directory.CreateTempSubdirectory("weir-crash-").FullName;
    EmbeddedClickHouse _server = null!;
    HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await EmbeddedFixture.StartAsync(_folder);
        _http = EmbeddedFixture.NewHttp(_server.Endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Killed_under_inserts_keeps_every_acknowledged_batch_once()
    {
        Assert.True(await PostAsync("CREATE TABLE h (batch UInt32, n UInt32) ENGINE = MergeTree ORDER BY (batch, n) SETTINGS non_replicated_deduplication_window = 1000"));
        Assert.True(await PostAsync("CREATE TABLE v (batch UInt32, c UInt64) ENGINE = SummingMergeTree ORDER BY batch SETTINGS non_replicated_deduplication_window = 1000"));
        Assert.True(await PostAsync("CREATE MATERIALIZED VIEW m TO v AS SELECT batch, count() AS c FROM h GROUP BY batch"));
        List<int> acknowledged = [];
        int batch = 0;
        for (int round = 0; round < Rounds; round++)
        {
            // The kill falls anywhere in the insert that is under way after so many batches.
            using Process child = Process.GetProcessById(_server.ProcessId);
            for (int i = 0; i <= round; i++, batch++)
            {
                Assert.True(await InsertAsync(batch));
                acknowledged.Add(batch);
            }
            Task<bool> underWay = InsertAsync(batch);
            child.Kill();
            if (await underWay) acknowledged.Add(batch);
            await WaitForRestartAsync(round + 1);
            foreach (int b in acknowledged) Assert.Equal($"{BatchRows}", await AskAsync($"SELECT count() FROM h WHERE batch = {b}"));
            // Sent again, as after a lost answer: the unacknowledged one and one that is stored.
            Assert.True(await InsertAsync(batch));
            Assert.True(await InsertAsync(batch));
            Assert.True(await InsertAsync(acknowledged[0]));
            if (!acknowledged.Contains(batch)) acknowledged.Add(batch);
            batch++;
        }
        Assert.Equal($"{batch}\t{batch * BatchRows}", await AskAsync("SELECT uniqExact(batch), count() FROM h"));
        Assert.Equal("0", await AskAsync($"SELECT count() FROM (SELECT batch, count() AS c FROM h GROUP BY batch) WHERE c != {BatchRows}"));
        Assert.Equal("0", await AskAsync($"SELECT count() FROM (SELECT batch, sum(c) AS s FROM v GROUP BY batch) WHERE s > {BatchRows}"));
        Assert.Equal(Rounds, _server.Restarts);
    }

    async Task WaitForRestartAsync(int restarts)
    {
        while (_server.Restarts < restarts || await AskAsync("SELECT 1") != "1") await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
    }

    Task<bool> InsertAsync(int batch)
    {
        StringBuilder rows = new($"INSERT INTO h FORMAT CSV\n");
        for (int i = 0; i < BatchRows; i++) rows.Append(batch).Append(',').Append(i).Append('\n');
        return PostAsync(rows.ToString(), $"/?insert_deduplication_token=batch-{batch}&insert_deduplicate=1&deduplicate_blocks_in_dependent_materialized_views=1");
    }

    async Task<bool> PostAsync(string sql, string url = "/")
    {
        try
        {
            using HttpResponseMessage response = await _http.PostAsync(new Uri(url, UriKind.Relative), new StringContent(sql));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    async Task<string> AskAsync(string sql)
    {
        try
        {
            using HttpResponseMessage response = await _http.PostAsync(new Uri("/", UriKind.Relative), new StringContent(sql));
            return (await response.Content.ReadAsStringAsync()).TrimEnd('\n');
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }
}
