using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Signals;
using Weir.Ingest;
using Weir.Proxy.Pipeline;

namespace Weir.Storage.Traffic;

/// <summary>Hits of many sites in the order of time, as an edge would see them; the same for the same seed.</summary>
/// <remarks>
/// Clients visit: people read pages and their browsers fetch what pages are made of, crawlers go from page to page, scripts run and probe.
/// Sites and pages are asked for by Zipf's law, days have their night and weeks their weekend. Verdicts are those of the real detector, asked once
/// for each page. Of hits, some 55 % are people's, 30 % crawlers' and 15 % scripts'.
/// </remarks>
internal sealed class TrafficSource
{
    /// <summary>Sites.</summary>
    public const int Sites = 1000;

    /// <summary>Hits of 90 days.</summary>
    public const long HitsOf90Days = 100_000_000;

    /// <summary>End of those days: 2026-11-01.</summary>
    public const long EndMs = 1_793_491_200_000;

    private const long DayMs = 86_400_000;
    private const int CrawlerAddresses = 48;
    private static readonly string[] Probes = [.. "/wp-login.php /.env /xmlrpc.php /wp-admin/ /.git/config /phpmyadmin/ /admin /api/v1/users /config.json /backup.zip /server-status /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php /cgi-bin/luci /actuator/health /boaform/admin/formLogin /owa/auth/logon.aspx".Split(' ')];

    private readonly Random _random;
    private readonly Detector _detector;
    private readonly ClientPool _clients;
    private readonly UserAgents _userAgents;
    private readonly HitIds _ids;
    private readonly (string UserAgent, ClientAddress[] Addresses)[] _crawlers;
    private readonly long _hits;
    private readonly bool _hasTimedIds;
    private readonly PriorityQueue<int, long> _due = new();
    private readonly List<Visit> _visits = [];
    private readonly Stack<int> _free = new();
    private long _made;
    private long _started;
    private double _nextVisitMs;

    /// <summary>Prepares traffic of so many hits.</summary>
    /// <param name="catalog">Judges clients.</param>
    /// <param name="hits">How many.</param>
    /// <param name="seed">The same seed makes the same hits.</param>
    /// <param name="hasTimedIds">Whether ids hold milliseconds and 22 bits of a counter, as they did up to schema 9.</param>
    public TrafficSource(CrawlerCatalog catalog, long hits, int seed, bool hasTimedIds = false)
    {
        _hasTimedIds = hasTimedIds;
        _random = new Random(seed);
        _detector = new Detector(catalog, new ClientWindows());
        _hits = hits;
        _nextVisitMs = EndMs - (DaysOf(hits) * DayMs);
        _clients = new ClientPool(_random);
        _userAgents = UserAgents.Load(_detector, _random);
        _ids = new HitIds(new Random(seed));
        SiteModels = [.. Enumerable.Range(1, Sites).Select(rank => new SiteModel(rank, _random))];
        _crawlers = [.. UserAgents.Crawlers.Select(text => (text, AddressesOf(text)))];
    }

    /// <summary>Days over which so many hits are spread: fewer hits are fewer days of the same traffic, since how dense they lie decides how they pack.</summary>
    public static double DaysOf(long hits) => Math.Clamp(90.0 * hits / HitsOf90Days, 1, 90);

    /// <summary>The sites, the largest first.</summary>
    public IReadOnlyList<SiteModel> SiteModels { get; }

    /// <summary>The next hit.</summary>
    public void Next(out Hit hit)
    {
        while (!_due.TryPeek(out _, out long dueMs) || dueMs >= _nextVisitMs)
            Begin();
        int number = _due.Dequeue();
        ref var visit = ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_visits)[number];
        hit = visit.AssetsLeft > 0 ? Asset(ref visit) : Page(ref visit);
        _made++;
        if (visit.AssetsLeft == 0 && visit.PagesLeft == 0)
        {
            visit = default;
            _free.Push(number);
            return;
        }
        visit.TimeMs += visit.AssetsLeft > 0 ? 1 + _random.Next(60) : Pause(visit.Kind);
        _due.Enqueue(number, visit.TimeMs);
    }

    // What is left of the hits decides how soon the next visit comes, so that they end with the last day.
    private void Begin()
    {
        double hitsAVisit = _started < 1000 ? 11 : (double)(_made + _due.Count * 5) / _started;
        double gap = (EndMs - _nextVisitMs) / Math.Max(1, _hits - _made) * hitsAVisit / Tide(_nextVisitMs);
        _nextVisitMs += Math.Max(0.001, -Math.Log(1 - _random.NextDouble()) * Math.Max(gap, 0.001));
        _started++;
        var visit = NewVisit((long)_nextVisitMs);
        if (!_free.TryPop(out int number))
        {
            number = _visits.Count;
            _visits.Add(default);
        }
        _visits[number] = visit;
        _due.Enqueue(number, visit.TimeMs);
    }

    private static double Tide(double ms)
    {
        double day = ms / DayMs;
        double hour = (day - Math.Floor(day)) * 24;
        bool isWeekend = (long)day % 7 is 2 or 3;
        return (1 + (0.6 * Math.Sin((hour - 9) / 24 * 2 * Math.PI))) * (isWeekend ? 0.75 : 1);
    }

    private Visit NewVisit(long timeMs)
    {
        var site = SiteModels[Zipf.Pick(Sites, _random)];
        int sort = _random.Next(1000);
        var visit = new Visit { Site = site, TimeMs = timeMs, Referrer = "", Query = "", HttpVersion = 20 };
        if (sort < 353)
            BeginPerson(ref visit);
        else if (sort < 742)
            BeginCrawler(ref visit);
        else
            BeginScript(ref visit);
        return visit;
    }

    private void BeginPerson(ref Visit visit)
    {
        var site = visit.Site;
        visit.Kind = VisitKind.Person;
        visit.IsKnown = site.RegularsCount > 0 && _random.Next(4) == 0;
        if (visit.IsKnown)
        {
            visit.Client = site.Regulars[_random.Next(Math.Min(site.RegularsCount, site.Regulars.Length))];
        }
        else
        {
            visit.Client = _clients.NewPerson(_random, _userAgents.People[Zipf.Pick(_userAgents.People.Length, _random)]);
            site.Regulars[site.RegularsCount++ % site.Regulars.Length] = visit.Client;
        }
        for (visit.PagesLeft = 1; visit.PagesLeft < 40 && _random.Next(100) < 42;)
            visit.PagesLeft++;
        (visit.Referrer, visit.Query) = _random.Next(100) switch
        {
            < 45 => ("https://www.google.com/", ""),
            < 50 => ("https://www.bing.com/", ""),
            < 54 => ("https://chatgpt.com/", "utm_source=chatgpt.com"),
            < 55 => ("https://www.perplexity.ai/", ""),
            < 58 => ("https://www.facebook.com/", $"fbclid=IwZXh0bgNhZW0{_random.NextInt64():x16}{_random.NextInt64():x16}"),
            < 61 => ($"https://news-{_random.Next(500)}.example/story/{_random.Next(10_000)}", ""),
            _ => ("", ""),
        };
    }

    private void BeginCrawler(ref Visit visit)
    {
        var (text, addresses) = _crawlers[Zipf.Pick(_crawlers.Length, _random)];
        visit.Kind = VisitKind.Crawler;
        visit.HttpVersion = 11;
        visit.PagesLeft = 1 + _random.Next(15);
        bool isSpoofed = addresses.Length == 0 || _random.Next(100) < 6;
        visit.Client = isSpoofed ? _clients.NewProgram(_random, text)
            : new Person(addresses[_random.Next(addresses.Length)], UnitedStates, 15_169, text);
    }

    private void BeginScript(ref Visit visit)
    {
        visit.Kind = VisitKind.Script;
        visit.HttpVersion = 11;
        visit.IsProbing = _random.Next(2) == 0;
        visit.PagesLeft = 1 + _random.Next(11);
        visit.Client = _clients.NewProgram(_random, _userAgents.Programs[Zipf.Pick(_userAgents.Programs.Length, _random)]);
    }

    private int Pause(VisitKind kind) => kind switch
    {
        VisitKind.Person => (int)(3_000 + (Math.Exp(_random.NextDouble() * 4.5) * 1_500)),
        VisitKind.Crawler => 400 + _random.Next(20_000),
        _ => 20 + _random.Next(1_500),
    };

    private Hit Page(ref Visit visit)
    {
        var site = visit.Site;
        bool isFirst = visit.Query.Length > 0 || visit.Referrer.Length == 0;
        string referrer = visit.Kind == VisitKind.Person ? visit.Referrer : "";
        string query = visit.Query;
        bool isProbe = visit.IsProbing && _random.Next(4) > 0;
        // People read what is popular; a crawler wants everything.
        visit.Page = visit.Kind == VisitKind.Crawler && _random.Next(10) < 7 ? _random.Next(site.Pages.Length) : Zipf.Pick(site.Pages.Length, _random);
        string path = isProbe ? Probes[_random.Next(Probes.Length)] : visit.Kind == VisitKind.Crawler && _random.Next(40) == 0 ? "/robots.txt" : site.Pages[visit.Page];
        if (!isFirst && _random.Next(25) == 0)
            query = $"page={_random.Next(2, 40)}";
        visit.Verdict = Judge(visit, path, query, referrer);
        ushort status = isProbe ? (ushort)404 : _random.Next(200) switch { 0 => (ushort)500, < 4 => (ushort)301, < 9 => (ushort)404, _ => (ushort)200 };
        ulong bytes = status == 200 ? (ulong)(site.PageBytes[visit.Page] + _random.Next(400)) : (ulong)(status == 404 ? 1_532 : 178);
        var hit = NewHit(visit, path, query, referrer, status, bytes, site.HasCache ? CacheResult.Miss : CacheResult.None, site.OriginMs);
        visit.PagesLeft--;
        visit.Query = "";
        if (visit.Kind == VisitKind.Person)
        {
            visit.Referrer = site.PageUrls[visit.Page];
            visit.AssetsLeft = visit.IsKnown ? _random.Next(3) : site.AssetsPerPage;
            visit.IsKnown = true;
        }
        return hit;
    }

    private Hit Asset(ref Visit visit)
    {
        var site = visit.Site;
        visit.AssetsLeft--;
        // Most files are every page's.
        int asset = (_random.Next(5) == 0 ? visit.Page + _random.Next(4) : visit.AssetsLeft) % site.Assets.Length;
        bool isUnchanged = _random.Next(12) == 0;
        return NewHit(visit, site.Assets[asset], "", visit.Referrer, isUnchanged ? (ushort)304 : (ushort)200, isUnchanged ? 0 : (ulong)site.AssetBytes[asset],
            site.HasCache ? CacheResult.Hit : CacheResult.None, site.HasCache ? 0 : 4);
    }

    private Hit NewHit(in Visit visit, string path, string query, string referrer, ushort status, ulong bytes, CacheResult cache, double originMs)
    {
        uint edgeUs = (uint)(60 * Math.Exp(Normal() * 0.5));
        return new Hit
        {
            TimeMs = visit.TimeMs,
            Site = visit.Site.Id,
            HitId = NextId(visit.TimeMs),
            Source = HitSource.Edge,
            ClientAddress = visit.Client.Address,
            Method = visit.Kind == VisitKind.Script && path.Length % 16 == 0 ? "POST" : "GET",
            Host = visit.Site.Host,
            Path = path,
            Query = query,
            HttpVersion = visit.HttpVersion,
            Status = status,
            BytesSent = bytes,
            DurationUs = edgeUs + (uint)(originMs * 1000 * Math.Exp(Normal() * 0.6)),
            EdgeUs = edgeUs,
            Country = visit.Client.Country,
            Asn = visit.Client.Asn,
            UserAgent = visit.Client.UserAgent,
            Referrer = referrer,
            Error = "",
            Verdict = visit.Verdict,
            Cache = cache,
        };
    }

    private ulong NextId(long timeMs)
    {
        const long EpochMs = 1_704_067_200_000;
        ulong id = _ids.Next();
        return _hasTimedIds ? ((ulong)(timeMs - EpochMs) << 22) | (id & 0x3F_FFFF) : id;
    }

    private Verdict Judge(in Visit visit, string path, string query, string referrer) => _detector.Classify(new RequestFacts
    {
        TimeMs = visit.TimeMs,
        ClientAddress = visit.Client.Address,
        Method = "GET",
        Path = path,
        Query = query,
        UserAgent = visit.Client.UserAgent,
        Referrer = referrer,
        Host = visit.Site.Host,
    });

    // The sum of four is near enough to a normal number, and cheap.
    private double Normal() => (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 2) * 1.73;

    private static Detection.Places.Country UnitedStates { get; } = Detection.Places.Country.TryParse("US", out var us) ? us : default;

    // Addresses of the operator's own list, a few of each of its first prefixes; none where nothing is published.
    private ClientAddress[] AddressesOf(string userAgent)
    {
        var crawler = _detector.Classify(new RequestFacts { TimeMs = 0, UserAgent = userAgent }).Crawler;
        var prefixes = crawler?.RangeLists.SelectMany(l => l.Prefixes).Where(p => p.IsIPv4).Take(16).ToArray() ?? [];
        return prefixes.Length == 0 ? [] : [.. Enumerable.Range(0, CrawlerAddresses).Select(i => InsideOf(prefixes[i % prefixes.Length]))];
    }

    private ClientAddress InsideOf(Detection.Identification.Prefix prefix)
    {
        uint room = (uint)Math.Min(63, (ulong)(prefix.Last - prefix.First));
        return ClientAddress.FromIPv4((uint)prefix.First + (uint)_random.Next((int)room + 1));
    }
}
