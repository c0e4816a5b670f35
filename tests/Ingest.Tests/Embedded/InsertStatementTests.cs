using System.Text;
using CsCheck;
using Weir.Ingest.Embedded.Server;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>Where a statement stops and its data begin, whatever the data are and however the text is cut.</summary>
public sealed class InsertStatementTests
{
    static readonly Gen<string> Target = Choice.Of(
        "t", "db.t", "`a b`.`c\\`d`", "\"x\"", "format", "TABLE values", "FUNCTION file('a FORMAT CSV', 'CSV')", "{t:Identifier}", "select.`from`");

    static readonly Gen<string> Columns = Choice.Of("", " (a, b)", " (`format`, \"values\")", "(* EXCEPT(a))", " /* FORMAT CSV\n */ ");
    static readonly Gen<string> Settings = Choice.Of("", " SETTINGS async_insert = 0, log_comment = 'FORMAT x\\''");
    static readonly Gen<string> Blank = Choice.Of(" ", "\n", "\t ", " -- VALUES\n", " /* x /* y */ */ ");
    static readonly Gen<byte[]> Data = Gen.Byte.Array[0, 40];

    [Fact]
    public void Data_begin_after_the_formats_line()
    {
        Gen.Select(Target, Columns, Settings, Blank, Choice.Of("CSV", "RowBinary", "JSONEachRow"), Choice.Of("\n", "\r\n", " \t\n"), Data)
            .Sample((target, columns, settings, blank, format, end, data) =>
            {
                string sql = $"INSERT INTO {target}{columns}{settings}{blank}";
                byte[] text = [.. Encoding.UTF8.GetBytes($"{sql}FORMAT {format}{end}"), .. data];
                var read = InsertStatement.Read(text, isWhole: true);
                Assert.Equal(TextKind.InsertWithData, read.Kind);
                Assert.Equal(format, read.Format);
                Assert.Equal(Encoding.UTF8.GetByteCount(sql), read.SqlBytes);
                Assert.Equal(data, text[read.DataStart..]);
            });
    }

    [Fact]
    public void Rows_begin_after_VALUES()
    {
        Gen.Select(Target, Columns, Blank, Data).Sample((target, columns, blank, data) =>
        {
            string sql = $"insert into {target}{columns}{blank}";
            byte[] text = [.. Encoding.UTF8.GetBytes(sql + "Values "), .. data];
            Assert.Equal(
                new InsertStatement(TextKind.InsertWithData, Encoding.UTF8.GetByteCount(sql), "Values", Encoding.UTF8.GetByteCount(sql) + 6),
                InsertStatement.Read(text, isWhole: true));
        });
    }

    [Fact]
    public void A_part_of_the_text_is_unclear_or_says_what_the_whole_says()
    {
        Gen<string> ends = Choice.Of("FORMAT CSV\n1,2", "VALUES (1)", "SELECT 1", "WITH 1 AS x SELECT x", "", "FROM INFILE 'a' FORMAT CSV", "(a) FORMAT");
        Gen.Select(Choice.Of("INSERT INTO ", "SELECT ", "insert ", "-- c\nINSERT INTO TABLE "), Target, Blank, ends).Sample((start, target, blank, end) =>
        {
            byte[] text = Encoding.UTF8.GetBytes(start + target + blank + end);
            var whole = InsertStatement.Read(text, isWhole: true);
            for (int length = 0; length < text.Length; length++)
            {
                var part = InsertStatement.Read(text.AsSpan(0, length), isWhole: false);
                if (part.Kind != TextKind.Unclear) Assert.Equal(whole, part);
            }
        });
    }

    [Fact]
    public void Random_bytes_are_read_without_failing() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        _ = InsertStatement.Read([.. "INSERT INTO "u8, .. bytes], isWhole: true);
        _ = InsertStatement.Read(bytes, isWhole: false);
        _ = QueryShape.Of(bytes);
        _ = ChunkHeader.Measure("RowBinaryWithNamesAndTypes", bytes);
        _ = ChunkHeader.Measure("CSVWithNames", bytes);
    });

    [Theory]
    [InlineData("SELECT 1 FORMAT JSON", "JSON")]
    [InlineData("SELECT 1 FORMAT JSON;", "JSON")]
    [InlineData("SELECT 1 FORMAT CSV SETTINGS max_threads = 1", "CSV")]
    [InlineData("SELECT 1 SETTINGS max_threads = 1 FORMAT CSV -- end", "CSV")]
    [InlineData("SELECT format FROM t", null)]
    [InlineData("SELECT (SELECT 1 AS format) x", null)]
    [InlineData("SELECT 'FORMAT CSV'", null)]
    public void The_format_that_a_query_names_is_found(string sql, string? format) =>
        Assert.Equal(format, QueryShape.Of(Encoding.UTF8.GetBytes(sql)).Format);

    [Theory]
    [InlineData("SELECT 1 INTO OUTFILE 'x'", true)]
    [InlineData("SELECT outfile FROM t", false)]
    public void Writing_files_is_seen(string sql, bool uses) => Assert.Equal(uses, QueryShape.Of(Encoding.UTF8.GetBytes(sql)).UsesLocalFiles);
}
