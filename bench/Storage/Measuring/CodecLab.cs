namespace Weir.Storage.Measuring;

/// <summary>The same hits in several orders, each column in several forms side by side: what each costs, without a load for each mixture.</summary>
internal static class CodecLab
{
    private const string ByTime = "site, time, hit_id", ByClientInHour = "site, toStartOfHour(time), client_address, time, hit_id";

    // A block is packed by itself: a larger one has seen more of what repeats, and is unpacked whole for one row.
    private const string LargeBlocks = "SETTINGS (min_compress_block_size = 1048576, max_compress_block_size = 1048576)";

    /// <summary>Orders of rows.</summary>
    public static IReadOnlyList<string> Orders { get; } = [ByTime, ByClientInHour];

    // Types and codecs to compare, by column. A value that is not the column itself stands behind the arrow.
    private static readonly Dictionary<string, string[]> Forms = new(StringComparer.Ordinal)
    {
        ["time"] = ["DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))", "DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))", "DateTime64(3, 'UTC') CODEC(T64, ZSTD(1))"],
        ["hit_id"] = ["UInt64 CODEC(Delta, ZSTD(1))",
            "UInt64 CODEC(T64, ZSTD(1)) <- bitXor(hit_id, bitShiftLeft(toUInt64(toUnixTimestamp64Milli(time) - 1704067200000), 22))",
            "UInt64 CODEC(Delta, ZSTD(1)) <- bitXor(hit_id, bitShiftLeft(toUInt64(toUnixTimestamp64Milli(time) - 1704067200000), 22))"],
        ["client_address"] = ["IPv6 CODEC(ZSTD(1))", "IPv6 CODEC(ZSTD(3))"],
        ["path"] = ["String CODEC(ZSTD(1))", "String CODEC(ZSTD(3))", "String CODEC(ZSTD(3)) " + LargeBlocks, "LowCardinality(String) CODEC(ZSTD(1))", "LowCardinality(String) CODEC(ZSTD(3)) " + LargeBlocks],
        ["query"] = ["String CODEC(ZSTD(1))", "LowCardinality(String) CODEC(ZSTD(1))"],
        ["user_agent"] = ["String CODEC(ZSTD(1))", "LowCardinality(String) CODEC(ZSTD(1))"],
        ["referrer"] = ["String CODEC(ZSTD(1))", "LowCardinality(String) CODEC(ZSTD(1))"],
        ["bytes_sent"] = ["UInt64 CODEC(T64, ZSTD(1))", "UInt64 CODEC(ZSTD(1))", "UInt64 CODEC(ZSTD(3)) " + LargeBlocks],
        ["duration_us"] = ["UInt32 CODEC(T64, ZSTD(1))", Rounded("duration_us", 7), Rounded("duration_us", 6), Rounded("duration_us", 5)],
        ["edge_us"] = ["UInt32 CODEC(T64, ZSTD(1))", Rounded("edge_us", 6), Rounded("edge_us", 5)],
        ["inserted_at"] = ["DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1))", "DateTime64(3, 'UTC') CODEC(ZSTD(1))"],
        ["asn"] = ["UInt32 CODEC(T64, ZSTD(1))", "UInt32 CODEC(ZSTD(1))"],
    };

    // As ROUND would do, to so many significant bits.
    private static string Rounded(string column, int bits)
    {
        string shift = $"greatest(0, toInt32(floor(log2({column} + 1))) - {bits - 1})";
        return $"UInt32 CODEC(ZSTD(1)) <- bitShiftLeft(bitShiftRight({column}, {shift}), {shift})";
    }

    /// <summary>Bytes a hit of each form of each column in one order; columns without a list of forms as they are, and packed.</summary>
    public static async Task<List<(string Column, string Form, double Bytes)>> MeasureAsync(StoreClient store, string order)
    {
        var forms = new List<(string Name, string Column, string Form, string Value)>();
        foreach (var (name, type, definition) in await TableMaker.ColumnsAsync(store))
        {
            string[] of = Forms.GetValueOrDefault(name) ?? [definition.Contains("CODEC", StringComparison.Ordinal) ? definition : type, $"{type} CODEC(ZSTD(1))"];
            for (int i = 0; i < of.Length; i++)
            {
                var parts = of[i].Split(" <- ");
                forms.Add(($"{name}__{i}", name, of[i], parts.Length > 1 ? parts[1] : name));
            }
        }
        await store.AskAsync("DROP TABLE IF EXISTS lab SYNC");
        // The order's own columns stand first and are not measured.
        string Keyed(string key) => key.Replace("toStartOfHour(time)", "k_hour", StringComparison.Ordinal).Replace("toDate(time)", "k_day", StringComparison.Ordinal);
        string definitions = string.Join(", ", forms.Select(f => $"{f.Name} {f.Form.Split(" <- ")[0]}"));
        await store.AskAsync($"CREATE TABLE lab (site LowCardinality(String), k_hour DateTime, k_day Date, kind UInt8, crawler LowCardinality(String), client_address IPv6, "
            + $"time DateTime64(3, 'UTC'), hit_id UInt64, {definitions}) ENGINE = MergeTree ORDER BY ({Keyed(order)}) SETTINGS allow_suspicious_indices = 1");
        await store.AskAsync("INSERT INTO lab SELECT site, toStartOfHour(time), toDate(time), toUInt8(kind), crawler, client_address, time, hit_id, "
            + string.Join(", ", forms.Select(f => f.Value)) + " FROM hits SETTINGS allow_suspicious_low_cardinality_types = 1, max_insert_threads = 2");
        await store.AskAsync("OPTIMIZE TABLE lab FINAL");
        double rows = await store.NumberAsync("SELECT count() FROM lab");
        var bytes = (await SizeFigures.ColumnsAsync(store, "lab", rows)).ToDictionary(c => c.Column, c => c.Bytes, StringComparer.Ordinal);
        await store.AskAsync("DROP TABLE lab SYNC");
        return [.. forms.Select(f => (f.Column, f.Form, bytes[f.Name]))];
    }
}
