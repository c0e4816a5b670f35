using System.Text;
using System.Text.Json;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>Inserted bytes are never read as SQL and come back as they were.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class HostileTextTests(EmbeddedFixture fixture)
{
    static readonly byte[][] Hostile =
    [
        "\n\n"u8.ToArray(), "a\n\nDROP TABLE x"u8.ToArray(), "\n\nDROP TABLE {0};\n\n"u8.ToArray(), "'); DROP TABLE {0}; --"u8.ToArray(),
        "\0"u8.ToArray(), "a\0b\0\n\n\0"u8.ToArray(), "\t\\t\\N\\"u8.ToArray(), "\"\"'``"u8.ToArray(), "\r\n\r\n;\r\nDROP TABLE {0}"u8.ToArray(),
        "/* -- */ FORMAT CSV\n\nSELECT 1"u8.ToArray(), [0xFF, 0xFE, 0x80, 0xC3, 0x28, 0x0A, 0x0A], "=1+1"u8.ToArray(), ""u8.ToArray(),
        "\n\n\n\nINSERT INTO {0} VALUES (0, 'evil')"u8.ToArray(),
    ];

    [Theory]
    [InlineData("RowBinary")]
    [InlineData("JSONEachRow")]
    [InlineData("CSV")]
    [InlineData("TabSeparated")]
    [InlineData("VALUES")]
    public async Task Bytes_come_back_equal_and_the_table_stands(string format)
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (id UInt32, s String) ENGINE = MergeTree ORDER BY id");
        byte[][] texts = [.. Hostile.Select(b => Replace(b, table)).Where(b => format != "JSONEachRow" || IsUtf8(b))];
        foreach (bool inUrl in (bool[])[false, true])
        {
            byte[] data = [.. texts.SelectMany((text, i) => Row(format, (uint)i, text, i > 0))];
            byte[] head = Encoding.UTF8.GetBytes($"INSERT INTO {table} (id, s) " + (format == "VALUES" ? "VALUES" : $"FORMAT {format}"));
            (int status, byte[] answer) = inUrl
                ? await fixture.PostBytesAsync(data, "/?query=" + Uri.EscapeDataString(Encoding.UTF8.GetString(head)))
                : await fixture.PostBytesAsync([.. head, (byte)'\n', .. data]);
            Assert.True(status == 200, Encoding.UTF8.GetString(answer));
            string[] found = (await fixture.RunAsync($"SELECT hex(s) FROM {table} ORDER BY id FORMAT TSV")).Split('\n');
            Assert.Equal(texts.Select(Convert.ToHexString), found);
            await fixture.RunAsync($"TRUNCATE TABLE {table}");
        }
    }

    [Fact]
    public async Task Rows_that_name_parameters_hold_hostile_text_too()
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (id UInt32, s String) ENGINE = MergeTree ORDER BY id");
        string hostile = Uri.EscapeDataString($"'); DROP TABLE {table}; --\\n\\n");
        await fixture.RunAsync($"INSERT INTO {table} VALUES (1, {{x:String}}), (2, 'a\n\nDROP TABLE {table}')", "/?param_x=" + hostile);
        Assert.Equal("2", await fixture.RunAsync($"SELECT count() FROM {table}"));
        Assert.Equal(400, (await fixture.PostAsync($"INSERT INTO {table} VALUES (1, {{x:String}}); DROP TABLE {table}", "/?param_x=a")).Status);
        Assert.Equal("2", await fixture.RunAsync($"SELECT count() FROM {table}"));
    }

    [Theory]
    [InlineData("EXPLAIN INSERT INTO {0} VALUES (1, 'a'); DROP TABLE {0}")]
    [InlineData("WITH 1 AS x INSERT INTO {0} FORMAT CSV\n1,a\n\nDROP TABLE {0}")]
    [InlineData("/* */ INSERT INTO {0} (id) FORMAT CSV\n1\n\nDROP TABLE {0}")]
    [InlineData("INSERT INTO {0} SELECT 1, 'a'; DROP TABLE {0}")]
    [InlineData("INSERT INTO {0} SETTINGS max_threads = 1 FORMAT CSV\n1,a\n\nDROP TABLE {0}")]
    [InlineData("(INSERT INTO {0} FORMAT CSV\n1,a\n\nDROP TABLE {0}")]
    [InlineData("INSERT INTO {0}\n\nDROP TABLE {0}")]
    [InlineData("INSERT INTO {0} FORMAT CSV;\n\nDROP TABLE {0}")]
    public async Task No_form_of_insert_runs_what_follows_it(string sql)
    {
        string table = EmbeddedFixture.NewTable();
        await fixture.RunAsync($"CREATE TABLE {table} (id UInt32, s String) ENGINE = MergeTree ORDER BY id");
        await fixture.PostAsync(sql.Replace("{0}", table, StringComparison.Ordinal));
        Assert.Equal("1", await fixture.RunAsync($"EXISTS TABLE {table}"));
    }

    static byte[] Replace(byte[] text, string table) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(text).Replace("{0}", table, StringComparison.Ordinal));

    static bool IsUtf8(byte[] text) => System.Text.Unicode.Utf8.IsValid(text);

    static byte[] Row(string format, uint id, byte[] text, bool isLater) => format switch
    {
        "RowBinary" => [.. BitConverter.GetBytes(id), .. Varint(text.Length), .. text],
        "JSONEachRow" => Encoding.UTF8.GetBytes($"{{\"id\":{id},\"s\":{JsonSerializer.Serialize(Encoding.UTF8.GetString(text))}}}\n"),
        "CSV" => [.. Encoding.ASCII.GetBytes($"{id},\""), .. Escape(text, b => b == '"' ? "\"\""u8.ToArray() : [b]), .. "\"\n"u8],
        "TabSeparated" => [.. Encoding.ASCII.GetBytes($"{id}\t"), .. Escape(text, Backslashed), (byte)'\n'],
        _ => [.. Encoding.ASCII.GetBytes($"{(isLater ? "," : "")}({id}, '"), .. Escape(text, b => b is (byte)'\'' or (byte)'\\' ? [(byte)'\\', b] : [b]), .. "')"u8],
    };

    static byte[] Backslashed(byte b) => b switch
    {
        (byte)'\t' => "\\t"u8.ToArray(),
        (byte)'\n' => "\\n"u8.ToArray(),
        (byte)'\r' => "\\r"u8.ToArray(),
        (byte)'\\' => "\\\\"u8.ToArray(),
        _ => [b],
    };

    static IEnumerable<byte> Escape(byte[] text, Func<byte, byte[]> escape) => text.SelectMany(escape);

    static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)((value & 127) | 128), (byte)(value >> 7)];
}
