using Dapper;
using Microsoft.Data.Sqlite;

namespace Weir.Scheduling.Suggestions;

/// <summary>The words of one tenant's pages, in a file of SQLite's full-text index (FTS5). One writer at a time; readers from any thread.</summary>
/// <remarks>A file a tenant, so that no other tenant's page can be found in it, and how rare a word is counts among the tenant's own pages. It holds nothing that the store does not have:
/// a file that is damaged or of another version is made anew.</remarks>
public sealed class PageIndex
{
    private const int Version = 1;

    // Titles and addresses are written to say what a page is about. Measured on the corpus of the tests: 2 to 8 find the same.
    private const string Weights = "bm25(5.0, 3.0, 1.0)";

    // The best pages by rank, among which coverage chooses.
    private const int CandidatesMax = 16;

    private const int RaritiesMax = 20_000;

    private const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE pages (id INTEGER PRIMARY KEY, site TEXT NOT NULL, host TEXT NOT NULL, path TEXT NOT NULL, hash INTEGER NOT NULL, UNIQUE (site, host, path));
        CREATE VIRTUAL TABLE words USING fts5 (title, path, text, tokenize = 'porter unicode61 remove_diacritics 2');
        """;

    private readonly string _connection;
    private readonly Lock _rarities = new();
    private readonly Dictionary<string, long> _known = new(StringComparer.Ordinal);
    private long _pages = -1;

    private PageIndex(string file) =>
        _connection = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 10 }.ToString();

    /// <summary>Opens a file, or makes it.</summary>
    /// <exception cref="SqliteException">It cannot be made.</exception>
    public static PageIndex Open(string file)
    {
        var index = new PageIndex(file);
        try
        {
            if (index.TryPrepare())
                return index;
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            // Made anew below.
        }
        index.Delete(file);
        index.TryPrepare();
        return index;
    }

    /// <summary>Whether an error says that a file is none of ours any more.</summary>
    public static bool IsDamage(SqliteException e)
    {
        ArgumentNullException.ThrowIfNull(e);
        // SQLITE_CORRUPT, SQLITE_NOTADB.
        return e.SqliteErrorCode is 11 or 26;
    }

    /// <summary>Closes and deletes the file.</summary>
    public void Delete(string file)
    {
        using (var connection = new SqliteConnection(_connection))
            SqliteConnection.ClearPool(connection);
        foreach (string ending in (string[])["", "-wal", "-shm"])
            File.Delete(file + ending);
    }

    /// <summary>How many pages it has of each site.</summary>
    public IReadOnlyDictionary<string, long> Counts()
    {
        using var connection = Open();
        return connection.Query<(string Site, long Pages)>("SELECT site, count(*) FROM pages GROUP BY site").ToDictionary(r => r.Site, r => r.Pages, StringComparer.Ordinal);
    }

    /// <summary>The hash that it has of a page; null for none.</summary>
    public IReadOnlyList<ulong?> Hashes(IReadOnlyList<PageKey> pages)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: true);
        return [.. pages.Select(p => (ulong?)connection.QuerySingleOrDefault<long?>(
            "SELECT hash FROM pages WHERE site = @Site AND host = @Host AND path = @Path", p, transaction))];
    }

    /// <summary>Takes pages, in the place of what it has of them.</summary>
    public void Put(IReadOnlyList<IndexedPage> pages) => Write((connection, transaction) =>
    {
        foreach (var page in pages)
        {
            long id = connection.QuerySingle<long>(
                """
                INSERT INTO pages (site, host, path, hash) VALUES (@Site, @Host, @Path, @hash)
                ON CONFLICT (site, host, path) DO UPDATE SET hash = excluded.hash RETURNING id
                """, new { page.Key.Site, page.Key.Host, page.Key.Path, hash = (long)page.Hash }, transaction);
            connection.Execute("INSERT OR REPLACE INTO words (rowid, title, path, text) VALUES (@id, @title, @path, @text)",
                new { id, title = SearchWords.Apart(page.Title), path = SearchWords.Apart(Uri.UnescapeDataString(page.Key.Path)), text = SearchWords.Apart(page.Text) }, transaction);
        }
    });

    /// <summary>Forgets the pages of a site that are not among these; all of it without any.</summary>
    public void Keep(string site, Func<PageKey, bool> isKept) => Write((connection, transaction) =>
    {
        foreach (var (id, host, path) in connection.Query<(long, string, string)>("SELECT id, host, path FROM pages WHERE site = @site", new { site }, transaction).AsList())
        {
            if (isKept(new PageKey(site, host, path)))
                continue;
            connection.Execute("DELETE FROM words WHERE rowid = @id", new { id }, transaction);
            connection.Execute("DELETE FROM pages WHERE id = @id", new { id }, transaction);
        }
    });

    /// <summary>How many pages have each of some words, and how many there are.</summary>
    public (long Pages, IReadOnlyList<long> Of) Rarity(IReadOnlyList<string> words)
    {
        using var connection = Open();
        lock (_rarities)
        {
            if (_pages < 0)
                _pages = connection.QuerySingle<long>("SELECT count(*) FROM pages");
            return (_pages, [.. words.Select(w => _known.TryGetValue(w, out long known) ? known : Look(w))]);
        }

        long Look(string word)
        {
            if (_known.Count >= RaritiesMax)
                _known.Clear();
            return _known[word] = connection.QuerySingle<long>("SELECT count(*) FROM words WHERE words MATCH @phrase", new { phrase = Phrase(word) });
        }
    }

    /// <summary>The best pages that have any of some words.</summary>
    /// <param name="wanted">Words to find pages by, at least one.</param>
    /// <param name="words">Words to look for on these.</param>
    /// <param name="sites">The only sites.</param>
    public IReadOnlyList<FoundPage> Find(IReadOnlyCollection<string> wanted, IReadOnlyList<string> words, IEnumerable<string> sites)
    {
        string any = Any(wanted);
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: true);
        var best = connection.Query<Row>(
            $"""
            SELECT p.id AS Id, p.site AS Site, p.host AS Host, p.path AS Path, words.rank AS Rank
            FROM words CROSS JOIN pages p ON p.id = words.rowid
            WHERE words MATCH @any AND words.rank MATCH '{Weights}' AND p.site IN (SELECT value FROM json_each(@sites)) ORDER BY words.rank LIMIT {CandidatesMax}
            """, new { any, sites = JsonLists.Of(sites) }, transaction).AsList();
        var having = Having(connection, transaction, [.. words.Select(Phrase)], best.Select(r => r.Id));
        return best.ConvertAll(r => new FoundPage(r.Id, new PageKey(r.Site, r.Host, r.Path), -r.Rank, [.. having.Select(h => h.Contains(r.Id))]));
    }

    /// <summary>Which of some pages have each word in title or path, in the words' order.</summary>
    /// <param name="words">The words.</param>
    /// <param name="pages">The pages' numbers, as they were found.</param>
    public IReadOnlyList<IReadOnlySet<long>> InTitle(IReadOnlyList<string> words, IEnumerable<long> pages)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: true);
        return Having(connection, transaction, [.. words.Select(w => $"{{title path}} : {Phrase(w)}")], pages);
    }

    // A statement a word and not one a word and page: preparing them is most of what they cost.
    private static List<HashSet<long>> Having(SqliteConnection connection, SqliteTransaction transaction, List<string> matches, IEnumerable<long> pages)
    {
        string ids = JsonLists.Of(pages);
        return matches.ConvertAll(match => connection.Query<long>(
            "SELECT rowid FROM words WHERE words MATCH @match AND rowid IN (SELECT value FROM json_each(@ids))", new { match, ids }, transaction).ToHashSet());
    }

    /// <summary>A page's title, and a piece of its text with some words; null when it is gone.</summary>
    /// <param name="id">The page's number, as it was found.</param>
    /// <param name="wanted">Words that it was found by.</param>
    public (string Title, string Snippet)? Show(long id, IReadOnlyCollection<string> wanted)
    {
        using var connection = Open();
        return connection.Query<(string Title, string Snippet)>(
            "SELECT title, snippet(words, 2, '', '', '…', 24) FROM words WHERE words MATCH @any AND rowid = @id", new { any = Any(wanted), id }).AsList() is [var shown]
            ? (SearchWords.Together(shown.Title), SearchWords.Together(shown.Snippet)) : null;
    }

    private static string Any(IEnumerable<string> wanted) => string.Join(" OR ", wanted.Select(Phrase));

    // A string of FTS5's language: nothing in it is an operator, and its own tokenizer reads what is inside.
    private static string Phrase(string word) => $"\"{SearchWords.Apart(word).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private bool TryPrepare()
    {
        using var connection = Open();
        long version = connection.QuerySingle<long>("PRAGMA user_version");
        if (version == Version)
            return true;
        if (version != 0 || connection.QuerySingle<long>("SELECT count(*) FROM sqlite_master") != 0)
            return false;
        connection.Execute(Schema);
        connection.Execute($"PRAGMA user_version = {Version}");
        return true;
    }

    private void Write(Action<SqliteConnection, SqliteTransaction> change)
    {
        using var connection = Open();
        // What a power cut takes is read again from the store.
        connection.Execute("PRAGMA synchronous = OFF");
        using var transaction = connection.BeginTransaction();
        change(connection, transaction);
        transaction.Commit();
        lock (_rarities)
        {
            _known.Clear();
            _pages = -1;
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private sealed record Row
    {
        public long Id { get; init; }
        public string Site { get; init; } = "";
        public string Host { get; init; } = "";
        public string Path { get; init; } = "";
        public double Rank { get; init; }
    }
}
