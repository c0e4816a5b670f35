namespace Weir.Detection.Claims;

/// <summary>What words of a user agent, other than crawlers' tokens, say of it.</summary>
[Flags]
internal enum Words : uint
{
    None = 0,

    /// <summary>Names what the program does: bot, crawler, checker.</summary>
    Automation = 1 << 0,

    /// <summary>No screen, or a script holds the wheel.</summary>
    Headless = 1 << 1,

    /// <summary>A web or mail address.</summary>
    Contact = 1 << 2,

    /// <summary>A layout engine or browser that people use.</summary>
    Engine = 1 << 3,

    /// <summary>A phone, set-top box or console browser with no engine name.</summary>
    Device = 1 << 4,

    /// <summary>The HTTP stack that apps of a phone or desktop use.</summary>
    AppStack = 1 << 5,

    /// <summary>A browser that writes its own name where others write Mozilla.</summary>
    OwnForm = 1 << 6,

    /// <summary>"compatible;", which only old browsers and crawlers write.</summary>
    Compatible = 1 << 7,

    /// <summary>A browser that does write "compatible;".</summary>
    CompatibleBrowser = 1 << 8,

    /// <summary>Chrome/ or Chromium/ with a version.</summary>
    Chrome = 1 << 9,

    /// <summary>AppleWebKit.</summary>
    WebKit = 1 << 10,

    /// <summary>A template not filled in, or an attack on whoever parses logs.</summary>
    Malformed = 1 << 11,

    /// <summary>"like Gecko".</summary>
    LikeGecko = 1 << 12,

    /// <summary>Android.</summary>
    Android = 1 << 13,

    /// <summary>A program for developers or servers, no browser.</summary>
    Tool = 1 << 14,
}

internal static class WordsExtensions
{
    /// <summary>Whether any of the given ones is there.</summary>
    public static bool Has(this Words words, Words any) => (words & any) != Words.None;
}

/// <summary>The words behind <see cref="Words"/>. Written from how programs name themselves, not from any list of user agents.</summary>
internal static class UserAgentWords
{
    private static readonly (Words Meaning, Edge Left, Edge Right, string[] Texts)[] Groups =
    [
        (Words.Automation, Edge.Any, Edge.Camel,
            ["bot", "bots", "crawler", "crawlers", "crawl", "crawling", "spider", "spiders", "spyder", "scraper", "scrapers", "scraping", "slurp",
             "checker", "validator", "scanner", "harvester", "indexer", "archiver", "downloader", "fetcher", "prefetch", "inspector",
             "analyzer", "analyser", "monitor", "monitoring", "extractor", "collector", "prober", "verifier", "previewer", "screenshot",
             "screenshots", "thumbnail", "thumbnails", "thumbnailer", "webthumb", "thumb", "snapshot", "linkcheck", "httpstatus", "watchdog",
             "screenie", "capture", "webcopier", "sitemap", "sitemaps", "aggregator", "renderer", "optimizer", "lookup"]),
        (Words.Automation, Edge.Camel, Edge.Camel,
            ["scan", "scanning", "audit", "auditor", "probe", "uptime", "heartbeat", "healthcheck", "agentic", "sniffer", "tracer", "census",
             "research", "fetch api", "keyword suggestion", "link verification", "search engine", "rss", "newsreader", "feedreader", "nodemeter",
             "http client", "googleweblight", "wkhtmltopdf", "wkhtmltoimage", "preloader", "webcapture", "splash", "agent"]),
        (Words.Headless, Edge.Camel, Edge.Any,
            ["headless", "phantomjs", "slimerjs", "puppeteer", "playwright", "selenium", "webdriver", "chromedp", "zombie.js", "casperjs", "nightmare"]),
        (Words.Tool, Edge.Camel, Edge.Any,
            ["python", "perl", "ruby", "libwww", "wget", "urllib", "httpclient", "http-client", "http_client", "node.js", "nodejs",
             "golang", "php/", "java/", "guzzle", "okhttp", "axios", "requests/", "winhttp", "wininet", "cpprest", "grpc", "postman", "insomnia",
             "nmap", "sqlmap", "nikto", "masscan", "zgrab", "nuclei", "openvas", "acunetix", "netsparker", "nessus"]),
        (Words.Tool, Edge.Any, Edge.Any, ["curl/"]),
        (Words.Contact, Edge.Any, Edge.Any, ["://", "[at]", "(at)", " at gmail"]),
        (Words.Contact, Edge.Whole, Edge.Any, ["www."]),
        (Words.Engine, Edge.Camel, Edge.Any,
            ["gecko/", "firefox/", "safari/", "msie", "trident/", "edge/", "opera", "presto/", "khtml/", "konqueror", "goanna/", "clecko/",
             "ladybird/", "cobalt/", "silk/", "servo/", "links (", "netscape", "chromium/", "polaris/", "dolfin/", "espial/", "icebrowser/",
             "ezbrowser/", "browsex", "acorn browse", "acorn phoenix", "sundance/", "khtml, like gecko", "ibrowse", "voyager;"]),
        (Words.Engine, Edge.Any, Edge.Any, [") gecko"]),
        (Words.Engine | Words.Chrome, Edge.Camel, Edge.Any, ["chrome/", "crios/"]),
        (Words.Engine | Words.WebKit, Edge.Camel, Edge.Any, ["applewebkit"]),
        (Words.Device, Edge.Any, Edge.Any,
            ["profile/midp", "configuration/cldc", "up.browser", "up.link", "netfront", "obigo", "teleca", "symbianos", "symbian/", "series60",
             "series40", "nucleus/", "windows ce", "windows mobile", "iemobile", "blackberry", "hbbtv/", "smart-tv", "smarttv", "webos", "maui",
             "openwave", "novarra", "tizen", "playstation", "nintendo", "ucbrowser", "ucweb", "bada/", "mtk ", "maemo", "meego", "kaios",
             "inettvbrowser", "freebox", "viera", "bravia", "roku/", "brew ", "mqqbrowser", "windows phone"]),
        (Words.AppStack, Edge.Whole, Edge.Any, ["dalvik/", "cfnetwork/", "darwin/", "applecoremedia/", "mozacfetch", "fbav/", "iphone;", "ipad;", "ios ", "iphone os", "gog galaxy", "microsoft office"]),
        (Words.OwnForm, Edge.Whole, Edge.Any,
            ["lynx/", "elinks", "w3m/", "dillo/", "netsurf/", "amaya/", "icab", "midori/", "omniweb/", "uzbl", "vimprobable",
             "linemode", "arachne", "ibrowser/", "mobilesafari"]),
        (Words.OwnForm, Edge.Camel, Edge.Any, ["mosaic"]),
        (Words.OwnForm, Edge.Any, Edge.Whole, ["browser"]),
        (Words.Android, Edge.Whole, Edge.Whole, ["android"]),
        (Words.Compatible, Edge.Whole, Edge.Any, ["compatible;"]),
        (Words.CompatibleBrowser, Edge.Whole, Edge.Any,
            ["msie", "konqueror", "icab", "omniweb", "netfront", "opera", "voyager", "netpositive", "acorn", "elaine", "blazer", "avantgo",
             "ibrowse", "dillo", "netsurf", "sundance", "windows; u", "webpositive", "haiku"]),
        (Words.LikeGecko, Edge.Any, Edge.Any, ["khtml, like gecko"]),
        (Words.Malformed, Edge.Any, Edge.Any, ["${", "{{", "<script", "<?", "() {", "jndi:", "%{", "union select", "../../", "sleep(", "<class"]),
    ];

    /// <summary>The words as patterns; a pattern's value is an index into <see cref="Meanings"/>.</summary>
    public static IReadOnlyList<Pattern> Patterns { get; } =
    [
        .. Groups.SelectMany((g, i) => g.Texts.Select(t => new Pattern(t, (ushort)i, IsToken: false, g.Left, g.Right))),
    ];

    /// <summary>What each group of words says.</summary>
    public static Words[] Meanings { get; } = Array.ConvertAll(Groups, g => g.Meaning);
}
