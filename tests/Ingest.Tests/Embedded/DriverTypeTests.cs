using System.Net;
using System.Numerics;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using ClickHouse.Driver.Utility;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>ClickHouse.Driver reads and binds every column type in use.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class DriverTypeTests(EmbeddedFixture fixture)
{
    static readonly DateTime Noon = new(2026, 5, 4, 12, 30, 15, DateTimeKind.Utc);

    public static TheoryData<string, object> Values => new()
    {
        { "toUInt8(255)", (byte)255 }, { "toUInt16(65535)", (ushort)65535 }, { "toUInt32(4294967295)", uint.MaxValue },
        { "toUInt64(18446744073709551615)", ulong.MaxValue },
        { "toInt8(-128)", sbyte.MinValue }, { "toInt16(-32768)", short.MinValue }, { "toInt32(-2147483648)", int.MinValue },
        { "toInt64(-9223372036854775808)", long.MinValue },
        { "toUInt128('340282366920938463463374607431768211455')", (BigInteger.One << 128) - 1 },
        { "toFloat32(1.5)", 1.5f }, { "toFloat64(0.1)", 0.1 },
        { "'läuft\\0\\n'", "läuft\0\n" }, { "toLowCardinality('GPTBot')", "GPTBot" }, { "toBool(1)", true },
        { "toDateTime('2026-05-04 12:30:15', 'UTC')", Noon },
        { "toDateTime64('2026-05-04 12:30:15.123', 3, 'UTC')", Noon.AddMilliseconds(123) },
        { "toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", Guid.Parse("61f0c404-5cb3-11e7-907b-a6006ad3dba0") },
        { "toIPv4('203.0.113.7')", IPAddress.Parse("203.0.113.7") }, { "toIPv6('2001:db8::1')", IPAddress.Parse("2001:db8::1") },
        { "CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')", "b" }, { "CAST('y', 'Enum16(\\'x\\' = 1000, \\'y\\' = 2000)')", "y" },
        { "[1, 2, 3]::Array(UInt16)", new ushort[] { 1, 2, 3 } }, { "['a', NULL]::Array(Nullable(String))", new[] { "a", null } },
        { "map('a', 1, 'b', 2)::Map(String, UInt8)", new Dictionary<string, byte> { ["a"] = 1, ["b"] = 2 } },
        { "(1, 'x')::Tuple(UInt8, String)", Tuple.Create((byte)1, "x") },
        { "CAST(5, 'Nullable(UInt32)')", 5u },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Each_type_is_read_as_it_was_written(string expression, object expected) =>
        Assert.Equal(expected, await fixture.Driver.ExecuteScalarAsync($"SELECT {expression}"));

    [Fact]
    public async Task Null_FixedString_Date_and_Decimal_are_read()
    {
        using ClickHouseDataReader reader = await fixture.Driver.ExecuteReaderAsync(
            "SELECT CAST(NULL, 'Nullable(String)') AS n, toFixedString('ab', 4) AS f, toDate('2026-05-04') AS d, toDecimal64('12.34', 2) AS m");
        Assert.True(reader.Read());
        Assert.True(reader.IsDBNull(0));
        Assert.Equal("ab\0\0"u8.ToArray(), reader.GetValue(1) is byte[] bytes ? bytes : System.Text.Encoding.UTF8.GetBytes(reader.GetString(1)));
        Assert.Equal(new DateTime(2026, 5, 4, 0, 0, 0, DateTimeKind.Unspecified), reader.GetDateTime(2).Date);
        Assert.Equal(12.34m, Convert.ToDecimal(reader.GetValue(3).ToString(), System.Globalization.CultureInfo.InvariantCulture));
        Assert.False(reader.Read());
    }

    [Fact]
    public async Task Aggregate_states_are_merged()
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (k UInt8, u AggregateFunction(uniq, UInt32), c SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY k");
        await fixture.RunAsync($"INSERT INTO {table} SELECT 1, uniqState(toUInt32(number)), count() FROM numbers(100)");
        await fixture.RunAsync($"INSERT INTO {table} SELECT 1, uniqState(toUInt32(number)), count() FROM numbers(50, 100)");
        using ClickHouseDataReader reader = await fixture.Driver.ExecuteReaderAsync($"SELECT uniqMerge(u), sum(c) FROM {table}");
        Assert.True(reader.Read());
        Assert.Equal((150UL, 200UL), (reader.GetUInt64(0), reader.GetUInt64(1)));
    }

    public static TheoryData<string> HostileTexts =>
    [
        "", "'", "\\", "\\'", "\"`", "a\tb\nc\r\nd", "x\n\nDROP TABLE t", "'); DROP TABLE t; --", "{x:String}", "\u0000mid\u0000", "\\n\\0\\",
        "ẞ𝄞", "--", "/*", "FORMAT CSV",
    ];

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public async Task A_text_parameter_comes_back_as_it_was(string text)
    {
        ClickHouseParameterCollection parameters = new();
        parameters.AddParameter("x", text);
        Assert.Equal(text, await fixture.Driver.ExecuteScalarAsync("SELECT {x:String}", parameters));
    }

    [Fact]
    public async Task Parameters_of_other_types_are_bound()
    {
        ClickHouseParameterCollection parameters = new();
        parameters.AddParameter("site", ulong.MaxValue);
        parameters.AddParameter("at", Noon);
        parameters.AddParameter("names", new[] { "a'b", "c\n\nd" });
        parameters.AddParameter("table", "numbers_mt");
        using ClickHouseDataReader reader = await fixture.Driver.ExecuteReaderAsync(
            "SELECT {site:UInt64}, toUnixTimestamp({at:DateTime('UTC')}), {names:Array(String)}, {table:String}", parameters);
        Assert.True(reader.Read());
        Assert.Equal(ulong.MaxValue, reader.GetUInt64(0));
        Assert.Equal((uint)new DateTimeOffset(Noon).ToUnixTimeSeconds(), reader.GetUInt32(1));
        Assert.Equal(["a'b", "c\n\nd"], (string[])reader.GetValue(2));
    }
}
