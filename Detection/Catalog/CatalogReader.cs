using System.Text;
using System.Text.Json;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;

namespace Weir.Detection.Catalog;

/// <summary>Reads and checks <c>crawlers.json</c> and the lists beside it. Only used while a catalog is built.</summary>
internal sealed class CatalogReader
{
    public const string FileName = "crawlers.json";

    private readonly string _folder;
    private readonly string _path;
    private readonly byte[] _bytes;

    public CatalogReader(string folder)
    {
        _folder = folder;
        _path = Path.Combine(folder, FileName);
        try
        {
            _bytes = File.ReadAllBytes(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CatalogException(_path, "", "the crawler catalog cannot be read.",
                "Name the folder that holds crawlers.json and ip-ranges/, or install the program again.", error);
        }
        Content = Parse();
    }

    public CatalogFile Content { get; }

    /// <summary>The crawlers in file order, their lists loaded.</summary>
    public Crawler[] ReadCrawlers()
    {
        var lists = ReadRangeLists();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var tokens = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var crawlers = new Crawler[Content.Crawlers.Length];
        for (int i = 0; i < crawlers.Length; i++)
        {
            var entry = Content.Crawlers[i];
            if (!ids.Add(entry.Id))
                throw Wrong(i, "id", $"'{entry.Id}' stands twice.", "Give each crawler an id of its own.");
            foreach (string token in entry.Tokens)
            {
                if (token.Length < 2 || !Ascii.IsValid(token) || token.AsSpan().ContainsAnyInRange('\0', '\x1f'))
                    throw Wrong(i, "tokens", $"'{token}' is no token.", "Write two or more printable ASCII characters.");
                if (!tokens.TryAdd(token, entry.Id))
                    throw Wrong(i, "tokens", $"'{token}' belongs to '{tokens[token]}' already.", "One token names one crawler.");
            }
            crawlers[i] = ReadCrawler(i, entry, lists);
        }
        return crawlers;
    }

    private Crawler ReadCrawler(int i, CrawlerEntry entry, Dictionary<string, RangeList> lists)
    {
        if (!Names.TryParsePurpose(entry.Purpose, out var purpose) || purpose == Purpose.None)
            throw Wrong(i, "purpose", $"'{entry.Purpose}' is no purpose.", $"Write one of {Names.AllPurposes}.");
        if (entry.Tokens.Length == 0)
            throw Wrong(i, "tokens", "the crawler has no token.", "Write the piece of its user agent that names it.");
        if (entry.SignatureAgent is { } signs && !(AgentName.TryParse(signs, out string? agent) && agent == signs))
            throw Wrong(i, "signatureAgent", $"'{signs}' is no signature agent.", $"Write {AgentName.Rule}, in lower case.");
        return new Crawler
        {
            Id = entry.Id,
            Name = entry.Name,
            Operator = entry.Operator,
            Purpose = purpose,
            Engines = ReadEngines(i, entry.Engines ?? []),
            Tokens = entry.Tokens,
            Description = entry.Description ?? "",
            Url = entry.Url,
            IsRobotsTokenOnly = entry.RobotsTokenOnly,
            HasNoOwnUserAgent = entry.NoRealUa,
            IsAlsoApp = entry.AlsoApp,
            SignatureAgent = entry.SignatureAgent,
            RangeLists = Array.ConvertAll(entry.Ranges ?? [], file => lists.TryGetValue(file, out var list) ? list
                : throw Wrong(i, "ranges", $"'{file}' is not in rangeLists.", "Add it there, with its source.")),
            KinRangeLists = KinOf(entry, lists),
            ReverseDnsHosts = Masks(i, entry.ReverseDns?.Hosts),
            SharedReverseDnsHosts = Masks(i, entry.ReverseDns?.SharedHosts),
            IsReverseDnsDocumented = entry.ReverseDns?.Confidence == "documented",
            SaysItRespectsRobots = entry.RespectsRobots switch { "yes" => true, "no" => false, _ => null },
        };
    }

    private EngineFeed[] ReadEngines(int i, EngineEntry[] engines) => Array.ConvertAll(engines, e =>
        e.Weight is >= 0 and <= 1 && e.DelayDays is >= 0 and <= 365
            ? new EngineFeed(e.Engine, e.Weight, TimeSpan.FromDays(e.DelayDays))
            : throw Wrong(i, "engines", $"weight or delay of '{e.Engine}' is out of range.", "Weight is 0 to 1, delayDays 0 to 365."));

    private string[] Masks(int i, string[]? masks) => Array.ConvertAll(masks ?? [], m => HostMask.IsMask(m) ? m
        : throw Wrong(i, "reverseDns", $"'{m}' is no mask of host names.", "Write one such as *.search.msn.com or crawl-*.googlebot.com."));

    private static RangeList[] KinOf(CrawlerEntry entry, Dictionary<string, RangeList> lists) =>
        entry.Ranges is null ? [] :
        [
            .. lists.Values.Where(l => l.Source.Scope == RangeScope.Crawler
                && string.Equals(l.Source.Operator, entry.Operator, StringComparison.Ordinal)
                && !entry.Ranges.Contains(l.Source.File, StringComparer.Ordinal)),
        ];

    private Dictionary<string, RangeList> ReadRangeLists()
    {
        var lists = new Dictionary<string, RangeList>(StringComparer.Ordinal);
        for (int i = 0; i < Content.RangeLists.Length; i++)
        {
            var entry = Content.RangeLists[i];
            string place = $"$.rangeLists[{i}]";
            if (entry.File != Path.GetFileName(entry.File))
                throw new CatalogException(_path, place, $"'{entry.File}' is no file name.", "Name a file in ip-ranges/, without a folder.");
            if (!lists.TryAdd(entry.File, ReadRangeList(entry, place)))
                throw new CatalogException(_path, place, $"'{entry.File}' stands twice.", "Keep one entry for each file.");
        }
        return lists;
    }

    private RangeList ReadRangeList(RangeListEntry entry, string place)
    {
        var source = new RangeListSource
        {
            File = entry.File,
            Operator = entry.Operator,
            Url = entry.Url,
            RetrievedAt = new DateTimeOffset(entry.RetrievedAt, TimeOnly.MinValue, TimeSpan.Zero),
            Confidence = entry.Confidence switch
            {
                "published" => RangeConfidence.Published,
                "reported" => RangeConfidence.Reported,
                _ => throw new CatalogException(_path, place, $"'{entry.Confidence}' is no confidence.", "Write published or reported."),
            },
            Scope = entry.Scope switch
            {
                "crawler" => RangeScope.Crawler,
                "network" => RangeScope.Network,
                _ => throw new CatalogException(_path, place, $"'{entry.Scope}' is no scope.", "Write crawler or network."),
            },
            IsComplete = entry.Complete,
            Section = entry.Section,
        };
        if (source.IsComplete && (source.Confidence != RangeConfidence.Published || source.Scope != RangeScope.Crawler))
        {
            throw new CatalogException(_path, place, "only a published list of crawlers can be complete.",
                "Set complete to false: a gathered list must never call anybody spoofed.");
        }
        string path = Path.Combine(_folder, "ip-ranges", entry.File);
        try
        {
            return RangeList.Read(source, File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CatalogException(_path, place, $"ip-ranges/{entry.File} cannot be read.", "Put the file there or remove the entry.", error);
        }
    }

    private CatalogFile Parse()
    {
        try
        {
            return JsonSerializer.Deserialize(_bytes, CatalogFileContext.Default.CatalogFile)
                ?? throw new CatalogException(_path, "1", "the file holds null.", "Write the catalog object.");
        }
        catch (JsonException error)
        {
            string what = error.Message.Split(". Path:", 2)[0].TrimEnd('.');
            throw new CatalogException(_path, $"{error.LineNumber + 1} {error.Path}", what + ".",
                "config/crawlers.schema.json says what may stand there.", error);
        }
    }

    private CatalogException Wrong(int crawler, string member, string what, string mend) =>
        new(_path, $"{JsonPlace.LineOf(_bytes, "crawlers", crawler)} $.crawlers[{crawler}].{member}", what, mend);
}
