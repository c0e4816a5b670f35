using System.IO.Compression;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Signals;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

[Collection(StoreCollection.Name)]
public sealed class ImportTests(ClickHouseServer server) : IDisposable
{
    private static readonly CrawlerCatalog Catalog = CrawlerCatalog.Load(Path.Combine(AppContext.BaseDirectory, "config"));
    private static readonly string ElasticLog = Path.Combine(AppContext.BaseDirectory, "data", "logs", "elastic-apache.log.gz");
    private static readonly SiteId Site = SiteId.Parse("demo");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-import-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_elastic_log_is_read_but_for_its_one_broken_line()
    {
        using var store = new Store(server.NewDatabase());
        var summary = await ImportAsync(store, ElasticLog);
        Assert.Equal((10_000, 9_999, 1, 0, "combined"), (summary.Lines, summary.Stored, summary.Rejected, summary.AlreadyStored, summary.Format));
        Assert.Equal((529, 526, 0), (summary.Crawlers["googlebot"].Hits, summary.Crawlers["googlebot"].Verified, summary.Crawlers["googlebot"].Spoofed));
        Assert.DoesNotContain(summary.Crawlers.Values, c => c.Spoofed > 0);
        var broken = Assert.Single(summary.RejectedExamples);
        Assert.Equal(8899, broken.Line);
        Assert.StartsWith("46.118.127.106 - - [20/May/2015:12:05:17 +0000]", broken.Text, StringComparison.Ordinal);
        Assert.Equal(9_999, await store.NumberAsync("SELECT count() FROM hits WHERE site = 'demo' AND source = 'import'"));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task Importing_it_again_adds_nothing_in_whatever_wrapping()
    {
        using var store = new Store(server.NewDatabase());
        await ImportAsync(store, ElasticLog);
        string plain = File("plain.log", Unpacked());
        string zst = File("packed.zst", Zstd(Unpacked()));
        string windows = File("windows.log", System.Text.Encoding.Latin1.GetBytes(
            System.Text.Encoding.Latin1.GetString(Unpacked()).Replace("\n", "\r\n", StringComparison.Ordinal)));
        string behindAnother = File("two.log", [.. System.Text.Encoding.ASCII.GetBytes(Line(0)), .. Unpacked()]);
        foreach (string file in (string[])[ElasticLog, plain, zst, windows])
        {
            var again = await ImportAsync(store, file);
            Assert.Equal((0, 9_999, 1), (again.Stored, again.AlreadyStored, again.Rejected));
            Assert.Equal(529, again.Crawlers["googlebot"].Hits);
        }
        Assert.Equal((1, 9_999), await StoredAsync(store, behindAnother));
        Assert.Equal((0, 20_000 - 2), await StoredAsync(store, plain, zst));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task The_same_log_twice_in_one_import_is_stored_once()
    {
        using var store = new Store(server.NewDatabase());
        string twice = File("twice.log", [.. Unpacked(), .. Unpacked()]);
        Assert.Equal((9_999, 9_999), await StoredAsync(store, twice));
        Assert.Equal((0, 9_999), await StoredAsync(store, ElasticLog));
    }

    [Fact]
    public async Task Equal_lines_of_one_log_are_all_stored_and_all_known_again()
    {
        using var store = new Store(server.NewDatabase());
        string file = File("equal.log", System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Line(1), 5)) + Line(2)));
        Assert.Equal((6, 0), await StoredAsync(store, file));
        Assert.Equal((0, 6), await StoredAsync(store, file));
    }

    [Fact]
    public async Task The_same_log_of_another_site_is_stored_too()
    {
        using var store = new Store(server.NewDatabase());
        string file = File("a.log", System.Text.Encoding.ASCII.GetBytes(Line(1) + Line(2)));
        Assert.Equal((2, 0), await StoredAsync(store, file));
        var other = await new LogImporter(store.Endpoint, NewDetector()).RunAsync(SiteId.Parse("other"), [file]);
        Assert.Equal(2, other.Stored);
    }

    [Fact]
    public async Task A_log_of_many_months_is_stored_and_known_again()
    {
        using var store = new Store(server.NewDatabase());
        string file = File("months.log", System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 400).Select(i => Line(i * 86_400 * 2)))));
        Assert.Equal((400, 0), await StoredAsync(store, file));
        Assert.Equal((0, 400), await StoredAsync(store, file));
        await store.AssertViewsEqualTheTableAsync();
    }

    [Fact]
    public async Task A_torn_archive_gives_what_can_be_read_and_says_so()
    {
        using var store = new Store(server.NewDatabase());
        byte[] packed = await System.IO.File.ReadAllBytesAsync(ElasticLog);
        string torn = File("torn.gz", packed[..(packed.Length / 2)]);
        var summary = await ImportAsync(store, torn);
        Assert.InRange(summary.Stored, 100, 9_998);
        Assert.Contains("could not be read beyond line", Assert.Single(summary.Failures), StringComparison.Ordinal);
        var whole = await ImportAsync(store, ElasticLog);
        Assert.Equal(9_999, whole.Stored + summary.Stored);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_counted_and_the_next_is_stored()
    {
        using var store = new Store(server.NewDatabase());
        string file = File("long.log", System.Text.Encoding.ASCII.GetBytes($"{Line(1)}{new string('x', 3_000_000)}\n{Line(2)}"));
        var summary = await ImportAsync(store, file);
        Assert.Equal((3, 2, 1), (summary.Lines, summary.Stored, summary.Rejected));
        Assert.InRange(summary.RejectedExamples[0].Text.Length, 10, 200);
    }

    [Fact]
    public async Task An_empty_log_is_no_error()
    {
        using var store = new Store(server.NewDatabase());
        var summary = await ImportAsync(store, File("empty.log", []));
        Assert.Equal((0, 0, ""), (summary.Lines, summary.Stored, summary.Format));
    }

    [Fact]
    public async Task An_unknown_format_is_named_with_its_first_line_and_nothing_is_stored()
    {
        using var store = new Store(server.NewDatabase());
        string good = File("good.log", System.Text.Encoding.ASCII.GetBytes(Line(1))), bad = File("bad.log", "what\u001b[31m is this\nline 2"u8.ToArray());
        var error = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(store, good, bad));
        Assert.Contains("what\\x1b[31m is this", error.Message, StringComparison.Ordinal);
        Assert.Contains("Caddy JSON", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Files_that_cannot_be_opened_are_named()
    {
        using var store = new Store(server.NewDatabase());
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<ImportException>(() => ImportAsync(store, "/no/such.log"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", (await Assert.ThrowsAsync<ImportException>(() => ImportAsync(store, _folder.FullName))).Message, StringComparison.Ordinal);
        Assert.Contains("bzcat", (await Assert.ThrowsAsync<ImportException>(() => ImportAsync(store, File("x.bz2", "BZh91AY"u8.ToArray())))).Message, StringComparison.Ordinal);
    }

    private static Detector NewDetector() => new(Catalog, new ClientWindows(1024));

    private static Task<ImportSummary> ImportAsync(Store store, params string[] files) =>
        new LogImporter(store.Endpoint, NewDetector()).RunAsync(Site, files);

    private static async Task<(long Stored, long AlreadyStored)> StoredAsync(Store store, params string[] files)
    {
        var summary = await ImportAsync(store, files);
        Assert.Equal(0, await store.NumberAsync("SELECT count() - uniqExact(site, time, hit_id) FROM hits"));
        return (summary.Stored, summary.AlreadyStored);
    }

    private static string Line(int second) =>
        $"1.2.3.4 - - [{DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000 + second):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /{second} HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0\"\n";

    private static byte[] Unpacked()
    {
        using var gzip = new GZipStream(System.IO.File.OpenRead(ElasticLog), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static byte[] Zstd(byte[] plain)
    {
        using var zstd = new ZstdSharp.Compressor();
        return zstd.Wrap(plain).ToArray();
    }

    private string File(string name, byte[] content)
    {
        string path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }
}
