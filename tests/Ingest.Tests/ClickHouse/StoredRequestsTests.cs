using Weir.Detection;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Tests.ClickHouse;

[Collection(StoreCollection.Name)]
public class StoredRequestsTests(ClickHouseServer server)
{
    [Fact]
    public async Task Requests_come_back_once_each_in_the_order_of_time_however_many_pages_they_take()
    {
        const int Rows = 120_000;
        using var store = await Store.NewAsync(server);
        using var batch = new HitBatch("pages", 202601, 0);
        // Many share a millisecond, so that pages end within one.
        for (int i = 0; i < Rows; i++)
            Assert.True(HitEncoder.TryWrite(batch.Rows, Hits.Number(i) with { TimeMs = Hits.Noon + (i / 1000), PolicyAction = PolicyAction.Tag }, Salts.Any));
        await new HitInserter(store.Connections).InsertAsync(batch, 0, Rows, batch.Id, default);
        using var stored = new StoredRequests(store.Connections.Endpoint);

        var ids = new List<ulong>();
        var first = default(StoredRequest);
        await foreach (var request in stored.ReadAsync(Hits.Site, Hits.Noon, Hits.Noon + 1000, default))
        {
            if (ids.Count == 0)
                first = request;
            ids.Add(request.HitId);
        }

        Assert.Equal(Enumerable.Range(1, Rows).Select(i => (ulong)i), ids);
        Assert.Equal(("GET", "/page/0", VerdictKind.Crawler, PolicyAction.Tag, Hits.Number(0).ClientAddress),
            (first.Method, first.Path, first.Kind, first.Action, first.ClientAddress));
        Assert.Equal(Hits.Noon, await stored.NewestAsync(Hits.Site, Hits.Noon, Hits.Noon + 1000, Rows, default));
        Assert.Equal(Hits.Noon + 110, await stored.NewestAsync(Hits.Site, Hits.Noon, Hits.Noon + 1000, 10_000, default));
    }
}
