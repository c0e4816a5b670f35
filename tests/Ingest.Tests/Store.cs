using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests;

/// <summary>What tests ask a database.</summary>
internal sealed class Store(ClickHouseEndpoint endpoint) : IDisposable
{
    public ClickHouseEndpoint Endpoint { get; } = endpoint;

    public ClickHouseConnections Connections { get; } = new(endpoint);

    public static async Task<Store> NewAsync(ClickHouseServer server)
    {
        var store = new Store(server.NewDatabase());
        await SchemaMigrator.ApplyAsync(store.Endpoint);
        return store;
    }

    public Task RunAsync(string sql) => Connections.Client.ExecuteNonQueryAsync(sql);

    public async Task<long> NumberAsync(string sql) => Convert.ToInt64(await Connections.Client.ExecuteScalarAsync(sql));

    public async Task<string> TextAsync(string sql) => $"{await Connections.Client.ExecuteScalarAsync(sql)}";

    /// <summary>Asks until the answer is the wanted one; a test that hangs here says what it waited for.</summary>
    public async Task WaitForAsync(long wanted, string sql)
    {
        long last = -1;
        for (int attempt = 0; attempt < 600; attempt++)
        {
            try
            {
                last = await NumberAsync(sql);
                if (last == wanted)
                    return;
            }
            catch (Exception e) when (InsertFailure.IsOfStore(e))
            {
                // The server is being restarted.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
        Assert.Fail($"{sql}: wanted {wanted}, last {last}");
    }

    /// <summary>Fails unless the hourly view says what the table says.</summary>
    public async Task AssertViewsEqualTheTableAsync()
    {
        Assert.Equal(
            await TextAsync("SELECT concat(count(), '/', sum(bytes_sent), '/', min(time), '/', max(time), '/', uniq(client_address)) FROM hits"),
            await TextAsync("SELECT concat(sum(hits), '/', sum(bytes_sent), '/', min(first_seen), '/', max(last_seen), '/', uniqMerge(clients)) FROM hits_hourly"));
        Assert.Equal(
            await NumberAsync("SELECT count() FROM hits WHERE kind = 'crawler' AND source = 'edge'"),
            await NumberAsync("SELECT count() FROM crawler_fetches"));
        Assert.Equal(
            await NumberAsync("SELECT count() FROM hits WHERE crawler != '' AND (identity = 'pending' OR (identity = 'unverifiable' AND bitAnd(reasons, 558345748480) != 0))"),
            await NumberAsync("SELECT count() FROM open_identities FINAL"));
        Assert.Equal(0, await NumberAsync("SELECT count() - uniqExact(site, time, hit_id) FROM hits"));
    }

    public void Dispose() => Connections.Dispose();
}
