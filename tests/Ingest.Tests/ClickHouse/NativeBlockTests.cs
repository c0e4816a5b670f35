using CsCheck;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Tests.ClickHouse;

/// <summary>Rows as they travel: in columns, to a real server.</summary>
[Collection(StoreCollection.Name)]
public class NativeBlockTests(ClickHouseServer server)
{
    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(70_000)]
    public async Task As_many_different_texts_of_a_dictionary_come_back_as_were_sent(int different)
    {
        using var store = await Store.NewAsync(server);
        using var batch = new HitBatch("many", 202601, 0);
        for (int i = 0; i < different; i++)
            HitEncoder.TryWrite(batch.Rows, Hits.Number(i) with { Host = $"host-{i}", Method = i % 2 == 0 ? "GET" : "POST" }, Salts.Any);
        await new HitInserter(store.Connections).InsertAsync(batch, 0, different, batch.Id, default);
        Assert.Equal(different, await store.NumberAsync("SELECT uniqExact(host) FROM hits WHERE host = concat('host-', toString(hit_id - 1)) AND method = if(hit_id % 2 = 1, 'GET', 'POST')"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_part_of_a_batch_is_sent_as_that_part()
    {
        using var store = await Store.NewAsync(server);
        using var batch = Batch(Enumerable.Range(0, 100).Reverse());
        await new HitInserter(store.Connections).InsertAsync(batch, 10, 30, "part", default);
        Assert.Equal("30/61/90", await store.TextAsync("SELECT concat(count(), '/', min(hit_id), '/', max(hit_id)) FROM hits"));
    }

    [Fact]
    public async Task Rows_of_an_earlier_schema_are_stored_with_what_they_have()
    {
        using var store = await Store.NewAsync(server);
        string[] columns = HitEncoder.Columns.Split(", ");
        int kept = Array.IndexOf(columns, "cache");
        using var whole = Batch([7]);
        int tail = await TailBytesAsync(store, columns[kept..]);
        using var old = new HitBatch("old", 202601, 0) { Columns = string.Join(", ", columns[..kept]) };
        old.Rows.WriteRow(whole.Rows.Slice(0, 1).Span[..^tail]);
        await new HitInserter(store.Connections).InsertAsync(old, 0, 1, old.Id, default);
        Assert.Equal("8/none", await store.TextAsync("SELECT concat(hit_id, '/', cache) FROM hits"));
    }

    [Fact]
    public async Task A_table_without_a_column_is_named()
    {
        using var store = await Store.NewAsync(server);
        using var batch = new HitBatch("x", 202601, 0) { Columns = HitEncoder.Columns + ", to_come" };
        HitEncoder.TryWrite(batch.Rows, Hits.Number(1), Salts.Any);
        var error = await Assert.ThrowsAsync<StoreException>(() => new HitInserter(store.Connections).InsertAsync(batch, 0, 1, "x", default));
        Assert.Contains("no column to_come", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dictionary_is_a_plain_list_of_the_different_texts() => Gen.String[0, 3].Array[0, 200].Sample(texts =>
    {
        var dictionary = new TextDictionary(texts.Length);
        List<string> plain = [];
        foreach (string text in texts)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
            dictionary.Add([(byte)bytes.Length, .. bytes], bytes);
            if (!plain.Contains(Convert.ToHexString(bytes)))
                plain.Add(Convert.ToHexString(bytes));
        }
        Assert.Equal(plain.Count, dictionary.Count);
        var (numbers, kind) = dictionary.Numbers();
        Assert.Equal(0, kind);
        Assert.Equal(texts.Select(t => plain.IndexOf(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(t)))), numbers.ToArray().Select(n => (int)n));
    });

    private static HitBatch Batch(IEnumerable<int> numbers)
    {
        var batch = new HitBatch("batch", 202601, 0);
        foreach (int number in numbers)
            HitEncoder.TryWrite(batch.Rows, Hits.Number(number), Salts.Any);
        return batch;
    }

    // The columns that a row ends with are numbers, or texts that this row has empty.
    private static async Task<int> TailBytesAsync(Store store, string[] columns)
    {
        int bytes = 0;
        foreach (var column in await new HitColumns(store.Connections).OfAsync(string.Join(", ", columns), default))
            bytes += column.Width == 0 ? 1 : column.Width;
        return bytes;
    }
}
