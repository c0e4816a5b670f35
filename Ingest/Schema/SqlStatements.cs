namespace Weir.Ingest.Schema;

/// <summary>Splits a file of SQL into its statements.</summary>
internal static class SqlStatements
{
    /// <summary>The statements, trimmed, without the semicolons between them; comments stay. A semicolon inside quotes or a comment
    /// divides nothing.</summary>
    public static List<string> Split(string sql)
    {
        List<string> statements = [];
        int start = 0;
        bool hasWords = false;
        for (int i = 0; i < sql.Length;)
        {
            char c = sql[i];
            if (c == ';')
            {
                Add(sql[start..i], hasWords);
                start = ++i;
                hasWords = false;
                continue;
            }
            int behindComment = SkipComment(sql, i);
            if (behindComment > i)
            {
                i = behindComment;
                continue;
            }
            hasWords |= !char.IsWhiteSpace(c);
            i = c is '\'' or '"' or '`' ? SkipQuoted(sql, i) : i + 1;
        }
        Add(sql[start..], hasWords);
        return statements;

        void Add(string statement, bool isStatement)
        {
            if (isStatement)
                statements.Add(statement.Trim());
        }
    }

    // ClickHouse escapes by backslash in all three sorts of quotes; a doubled quote ends one text and starts the next, which is as good.
    private static int SkipQuoted(string sql, int start)
    {
        for (int i = start + 1; i < sql.Length; i++)
        {
            if (sql[i] == '\\')
                i++;
            else if (sql[i] == sql[start])
                return i + 1;
        }
        return sql.Length;
    }

    private static int SkipComment(string sql, int at)
    {
        if (string.CompareOrdinal(sql, at, "--", 0, 2) == 0)
            return IndexBehind(sql, "\n", at);
        return string.CompareOrdinal(sql, at, "/*", 0, 2) == 0 ? IndexBehind(sql, "*/", at + 2) : at;
    }

    private static int IndexBehind(string sql, string mark, int from)
    {
        int at = sql.IndexOf(mark, from, StringComparison.Ordinal);
        return at < 0 ? sql.Length : at + mark.Length;
    }
}
