namespace Weir.Detection.Claims;

/// <summary>Words by which programs say what they are: what they do, what they are built with, where their owner is. Written from how programs name
/// themselves, not from any list of user agents.</summary>
internal static class AutomationWords
{
    public static WordGroup[] Groups { get; } =
    [
        // What it does. These end words of every make: "AcmeCrawler", "linkchecker", "Suchroboter".
        new(Words.Automation, Edge.Any, Edge.Camel,
            ["bot", "bots", "robo", "robots", "roboter", "robotti", "crawler", "crawlers", "crawl", "crawling", "crawleur",
             "cralwer", "spider", "spiders", "spyder", "scraper", "scrapers", "scraping", "scrapper", "slurp", "checker",
             "validator", "scanner", "harvester", "indexer", "archiver", "downloader", "fetcher", "prefetch", "inspector",
             "analyzer", "analyser", "monitor", "monitoring", "extractor", "collector", "prober", "verifier", "previewer",
             "screenshot", "screenshots", "thumbnail", "thumbnails", "thumbnailer", "webthumb", "thumb", "thumbs", "snapshot",
             "linkcheck", "httpstatus", "watchdog", "screenie", "capture", "webcopier", "sitemap", "sitemaps", "aggregator",
             "renderer", "optimizer", "lookup", "grabber", "gatherer", "unfurler", "unfurl", "enricher", "importer", "resolver",
             "expander", "sniffer", "favicon", "prerender", "preview", "retriever", "webhook", "webhooks", "pinger", "translator",
             "synthetics"]),
        new(Words.Automation, Edge.Camel, Edge.Camel,
            ["scan", "scanning", "audit", "auditor", "probe", "uptime", "heartbeat", "healthcheck", "agentic", "census",
             "research", "fetch api", "keyword suggestion", "link verification", "search engine", "rss", "newsreader",
             "feedreader", "nodemeter", "http client", "googleweblight", "wkhtmltopdf", "wkhtmltoimage", "preloader",
             "webcapture", "splash", "agent", "fetch", "verify", "verification", "seo", "backlink", "backlinks", "link check",
             "page speed", "pagespeed", "insights", "survey", "webmaster", "phishing", "malware", "llm", "gpt", "dataset",
             "datasets", "corpus"]),
        // The same in other languages, as far as they are written in ASCII.
        new(Words.Automation, Edge.Camel, Edge.Camel,
            ["suchmaschine", "moteur de recherche", "motore di ricerca", "buscador", "rastreador", "indexador", "indexeur",
             "araignee", "spinne", "zoekmachine", "webkruiper", "pajak", "vyhledavac", "prohledavac", "pavuk", "poiskovik",
             "webbspindel", "edderkopp", "orumcek", "hamahakki", "raccoglitore"]),
        // No screen, or a script at the wheel.
        new(Words.Headless, Edge.Camel, Edge.Any,
            ["headless", "phantomjs", "slimerjs", "puppeteer", "playwright", "selenium", "webdriver", "chromedp", "zombie.js",
             "casperjs", "nightmare", "htmlunit", "jsdom", "happydom", "happy-dom", "cypress", "testcafe", "nightwatch",
             "chrome-lighthouse", "lighthouse", "wkhtmlto", "trifle", "browserless"]),
        // What it is built with.
        new(Words.Tool, Edge.Camel, Edge.Any,
            ["python", "perl", "ruby", "libwww", "wget", "urllib", "httpclient", "http-client", "http_client", "node.js",
             "nodejs", "node-fetch", "golang", "php/", "java/", "guzzle", "okhttp", "axios", "requests/", "winhttp", "wininet",
             "cpprest", "grpc", "postman", "insomnia", "nmap", "sqlmap", "nikto", "masscan", "zgrab", "nuclei", "openvas",
             "acunetix", "netsparker", "nessus", "aiohttp", "httpx", "reqwest", "go-http", "resty", "retrofit", "ktor", "undici",
             "superagent", "faraday", "typhoeus", "mechanize", "dart:io", "dart/", "hackney", "deno/", "bun/", "sdk/", "-sdk-",
             "powershell", "restsharp", "indy library", "urlgrabber", "scrapy", "heritrix", "httrack"]),
        new(Words.Tool, Edge.Any, Edge.Any, ["curl/"]),
        // Where its owner is.
        new(Words.Contact, Edge.Any, Edge.Any, ["://", "[at]", "(at)", " at gmail"]),
        new(Words.Contact, Edge.Whole, Edge.Any, ["www."]),
        // A template that was not filled in, a literal of a programming language, or an attack on who reads logs.
        new(Words.Malformed, Edge.Any, Edge.Any,
            ["${", "{{", "<script", "<?", "() {", "jndi:", "%{", "union select", "../../", "sleep(", "<class", "({", "chrome/{",
             "/$", "/undefined", "/latest", "/null", "/nan", "' or ", "\" or "]),
        new(Words.Malformed, Edge.Whole, Edge.Any, ["user-agent:", "useragent:"]),
    ];
}
