using System.Text;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Signals;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

/// <summary>A folder of logs, and what is kept beside them.</summary>
internal sealed class LogFolder : IDisposable
{
    private static readonly CrawlerCatalog Catalog = CrawlerCatalog.Load(Path.Combine(AppContext.BaseDirectory, "config"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-logs-");

    public static SiteId Site { get; } = SiteId.Parse("demo");

    public string this[string name] => Path.Combine(_folder.FullName, name);

    public LogPositions Positions => new(this["imports"], "test");

    /// <summary>An importer of a small batch, so that little is enough to be stopped in.</summary>
    public LogImporter NewImporter(Store store, int batchRows = 1000) =>
        new(store.Endpoint, new Detector(Catalog, new ClientWindows(1024))) { Positions = Positions, BatchRows = batchRows };

    /// <summary>Lines of numbers, some a second, each with its number as the path.</summary>
    public static string Lines(int from, int count, int aSecond = 10) => string.Concat(Enumerable.Range(from, count).Select(n =>
        $"1.2.3.{n % 200} - - [{DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000 + (n / aSecond)):dd/MMM/yyyy:HH:mm:ss} +0000] \"GET /{n} HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0\"\n"));

    public void Append(string name, string text) => File.AppendAllText(this[name], text, Encoding.Latin1);

    public void Dispose() => _folder.Delete(recursive: true);
}
