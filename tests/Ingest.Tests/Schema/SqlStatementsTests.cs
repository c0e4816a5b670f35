using CsCheck;
using Weir.Ingest.Schema;

namespace Weir.Ingest.Tests.Schema;

public class SqlStatementsTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2", "SELECT 1", "SELECT 2")]
    [InlineData("SELECT ';' ; SELECT \"a;b\" ; SELECT `c;d`;", "SELECT ';'", "SELECT \"a;b\"", "SELECT `c;d`")]
    [InlineData("SELECT 'it\\';s'; SELECT 'x''y;z'", "SELECT 'it\\';s'", "SELECT 'x''y;z'")]
    [InlineData("-- a; comment\nSELECT 1 /* ; */ + 1; -- end;", "-- a; comment\nSELECT 1 /* ; */ + 1")]
    [InlineData(" ; ;; ")]
    [InlineData("SELECT 'never closed ; ", "SELECT 'never closed ;")]
    public void Statements_end_at_semicolons_outside_of_quotes_and_comments(string sql, params string[] statements) =>
        Assert.Equal(statements, SqlStatements.Split(sql));

    [Fact]
    public void Joined_statements_come_apart_again() =>
        OneOf("SELECT 1", "INSERT INTO t VALUES ('a;b')", "SELECT `x;y` /* ; */", "-- c;\nSELECT \"q\\\";\"").List[1, 8].Sample(statements =>
            Assert.Equal(statements, SqlStatements.Split(string.Join(";\n", statements))));

    [Fact]
    public void Any_text_is_split_without_failing() =>
        OneOf(";", "'", "\"", "`", "--", "/*", "*/", "\n", "\\", "x", " ").List[0, 30].Sample(pieces =>
        {
            SqlStatements.Split(string.Concat(pieces));
        });

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
