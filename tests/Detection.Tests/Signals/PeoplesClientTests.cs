using Weir.Detection;

namespace Weir.Tests.Signals;

/// <summary>Requests of people whose clients send less, or other, than a plain browser does. None of them may be called a program.</summary>
public class PeoplesClientTests
{
    private const string ChromeWindows =
        "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    private const string ChromeHints = """
        sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"
        sec-ch-ua-mobile: ?0
        sec-ch-ua-platform: "Windows"
        """;

    private const string ChromeAccept =
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";

    private const string PageFetch = """
        Sec-Fetch-Site: none
        Sec-Fetch-Mode: navigate
        Sec-Fetch-User: ?1
        Sec-Fetch-Dest: document
        """;

    private const string ScriptFetch = """
        Sec-Fetch-Site: same-origin
        Sec-Fetch-Mode: cors
        Sec-Fetch-Dest: empty
        """;

    private const string FirefoxUserAgent = "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0";
    private const string PlainAccept = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    [Fact]
    public void Chrome_on_Windows() => AssertSpotless(WrittenRequest.Classify($"""
        Host: shop.example
        {ChromeHints}
        Upgrade-Insecure-Requests: 1
        {ChromeWindows}
        {ChromeAccept}
        {PageFetch}
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: de-DE,de;q=0.9,en;q=0.8
        """, ja4: WrittenRequest.ChromeJa4));

    [Fact]
    public void Chrome_on_Android() => AssertSpotless(WrittenRequest.Classify($"""
        sec-ch-ua: "Not)A;Brand";v="8", "Chromium";v="138", "Google Chrome";v="138"
        sec-ch-ua-mobile: ?1
        sec-ch-ua-platform: "Android"
        Upgrade-Insecure-Requests: 1
        User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36
        {ChromeAccept}
        {PageFetch}
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: fr-FR,fr;q=0.9
        """, ja4: "t13d1517h2_8daaf6152771_b0da82dd1658"));

    [Fact]
    public void Chrome_on_Android_asking_for_the_desktops_page() => AssertSpotless(WrittenRequest.Classify($"""
        sec-ch-ua: "Not)A;Brand";v="8", "Chromium";v="138", "Google Chrome";v="138"
        sec-ch-ua-mobile: ?0
        sec-ch-ua-platform: "Android"
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36
        {ChromeAccept}
        {PageFetch}
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: fr-FR,fr;q=0.9
        """));

    [Fact]
    public void Edge_on_Windows() => AssertSpotless(WrittenRequest.Classify($"""
        sec-ch-ua: "Microsoft Edge";v="141", "Not?A_Brand";v="8", "Chromium";v="141"
        sec-ch-ua-mobile: ?0
        sec-ch-ua-platform: "Windows"
        Upgrade-Insecure-Requests: 1
        {ChromeWindows.Replace("140", "141", StringComparison.Ordinal)} Edg/141.0.0.0
        {ChromeAccept}
        {PageFetch}
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: en-GB,en;q=0.9
        """, ja4: WrittenRequest.ChromeJa4));

    [Fact]
    public void Safari_on_an_iPhone_through_iCloud_Private_Relay() => AssertSpotless(WrittenRequest.Classify($"""
        Sec-Fetch-Dest: document
        User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1
        {PlainAccept}
        Sec-Fetch-Site: none
        Sec-Fetch-Mode: navigate
        Accept-Language: en-US,en;q=0.9
        Priority: u=0, i
        Accept-Encoding: gzip, deflate, br
        """, ja4: "t13d2014h2_a09f3c656075_14788d8d241b"));

    [Fact]
    public void Chrome_on_iOS_which_is_WebKit() => AssertSpotless(WrittenRequest.Classify($"""
        {PlainAccept}
        User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.7339.95 Mobile/15E148 Safari/604.1
        {PageFetch.Replace("Sec-Fetch-User: ?1\n", "", StringComparison.Ordinal)}
        Accept-Language: es-ES,es;q=0.9
        Accept-Encoding: gzip, deflate, br
        """));

    [Fact]
    public void Tor_Browser() => AssertSpotless(WrittenRequest.Classify($"""
        Host: shop.example
        User-Agent: Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0
        {PlainAccept}
        Accept-Language: en-US,en;q=0.5
        Accept-Encoding: gzip, deflate, br, zstd
        Sec-GPC: 1
        Upgrade-Insecure-Requests: 1
        {PageFetch}
        """, ja4: "t13d1715h2_5b57614c22b0_5c2c66f702b0"));

    [Fact]
    public void Brave_with_shields_up() => AssertSpotless(WrittenRequest.Classify($"""
        sec-ch-ua: "Brave";v="140", "Not=A?Brand";v="24", "Chromium";v="140"
        sec-ch-ua-mobile: ?0
        sec-ch-ua-platform: "Windows"
        Upgrade-Insecure-Requests: 1
        {ChromeWindows}
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
        Sec-GPC: 1
        Accept-Language: en-US,en;q=0.6
        {PageFetch}
        Accept-Encoding: gzip, deflate, br, zstd
        """, ja4: WrittenRequest.ChromeJa4));

    [Fact]
    public void Firefox_that_resists_fingerprinting() => AssertSpotless(WrittenRequest.Classify($"""
        {FirefoxUserAgent}
        {PlainAccept}
        Accept-Language: en-US,en;q=0.5
        Accept-Encoding: gzip, deflate, br, zstd
        DNT: 1
        Sec-GPC: 1
        Upgrade-Insecure-Requests: 1
        {PageFetch}
        """, ja4: "t13d1717h2_5b57614c22b0_3cbfd9057e0d"));

    [Fact]
    public void A_person_who_wears_another_browsers_user_agent_is_left_open()
    {
        var verdict = WrittenRequest.Classify($"""
            {ChromeHints}
            {FirefoxUserAgent}
            {ChromeAccept}
            {PageFetch}
            Accept-Encoding: gzip, deflate, br, zstd
            Accept-Language: de-DE,de;q=0.9
            Cookie: a=1
            """);

        Assert.True(verdict.Reasons.Has(Reason.ClientHintsContradict));
        AssertNoProgram(verdict);
    }

    [Fact]
    public void A_company_proxy_that_strips_headers_and_speaks_HTTP_1_1() => AssertNoProgram(WrittenRequest.Classify($"""
        Host: shop.example
        {ChromeWindows}
        Accept: */*
        Via: 1.1 proxy.company.example (squid)
        X-Forwarded-For: 10.1.2.3
        """, http: 11, ja4: "t12d3112h1_e8f1e7e78f70_d339722ba4af"));

    [Fact]
    public void A_screen_readers_user_behind_a_company_proxy() => AssertNoProgram(WrittenRequest.Classify($"""
        Host: shop.example
        Upgrade-Insecure-Requests: 1
        {ChromeWindows}
        {ChromeAccept}
        Accept-Language: de-DE,de;q=0.9
        Via: 1.1 proxy.company.example
        Connection: Keep-Alive
        """, http: 11));

    [Theory]
    [InlineData(Transport.Plain, 11)]
    [InlineData(Transport.Plain, 10)]
    [InlineData(Transport.Tls, 11)]
    [InlineData(Transport.Tls, 20)]
    [InlineData(Transport.Unknown, 0)]
    public void A_browser_with_every_header_stripped_is_left_open(Transport transport, byte http)
    {
        var verdict = WrittenRequest.Classify($"Host: shop.example\n{ChromeWindows}", transport, http);

        Assert.Equal(VerdictKind.Unknown, verdict.Kind);
    }

    [Fact]
    public void Opera_Mini_through_its_own_proxy() => AssertNoProgram(WrittenRequest.Classify("""
        User-Agent: Opera/9.80 (Android; Opera Mini/36.2.2254/191.256; U; en) Presto/2.12.423 Version/12.16
        Accept: text/html, application/xml;q=0.9, application/xhtml+xml, image/png, image/webp, image/jpeg, image/gif, image/x-xbitmap, */*;q=0.1
        Accept-Language: en-US,en;q=0.9
        Accept-Encoding: gzip, deflate
        X-OperaMini-Features: advanced, camera, download
        X-Forwarded-For: 203.0.113.77
        Save-Data: on
        """, http: 11));

    [Fact]
    public void UC_Browser_through_its_own_proxy() => AssertNoProgram(WrittenRequest.Classify("""
        User-Agent: UCWEB/2.0 (MIDP-2.0; U; Adr 9; en-US; RMX1911) U2/1.0.0 UCBrowser/12.9.10.1159 U2/1.0.0 Mobile
        Accept: text/html,*/*;q=0.5
        Accept-Encoding: gzip
        X-Forwarded-For: 203.0.113.78
        """, http: 11));

    [Fact]
    public void Chrome_49_on_Windows_7() => AssertSpotless(WrittenRequest.Classify("""
        Host: shop.example
        Connection: keep-alive
        Upgrade-Insecure-Requests: 1
        User-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.112 Safari/537.36
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8
        Accept-Encoding: gzip, deflate, sdch
        Accept-Language: ru-RU,ru;q=0.8
        """, http: 11, ja4: "t12d1510h2_c866b44c5a26_1b2d5cf5b2a3"));

    [Fact]
    public void The_old_browser_of_Android_4() => AssertSpotless(WrittenRequest.Classify("""
        Accept: application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5
        User-Agent: Mozilla/5.0 (Linux; U; Android 4.1.2; en-us; GT-N7100 Build/JZO54K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30
        Accept-Encoding: gzip,deflate
        Accept-Language: en-US
        Accept-Charset: utf-8, iso-8859-1, utf-16, *;q=0.7
        X-Requested-With: com.android.browser
        """, http: 11));

    [Fact]
    public void Safari_on_iOS_12() => AssertSpotless(WrittenRequest.Classify($"""
        {PlainAccept}
        User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1
        Accept-Language: en-us
        Accept-Encoding: br, gzip, deflate
        """, ja4: "t13d2613h2_2802a3db6c62_845d286b0d67"));

    [Fact]
    public void A_KaiOS_phone() => AssertSpotless(WrittenRequest.Classify($"""
        User-Agent: Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1
        {PlainAccept}
        Accept-Language: en-US,en;q=0.5
        Accept-Encoding: gzip, deflate, br
        """, http: 11));

    [Fact]
    public void A_television() => AssertSpotless(WrittenRequest.Classify("""
        User-Agent: Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.5) AppleWebKit/537.36 (KHTML, like Gecko) 85.0.4183.93/6.5 TV Safari/537.36
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8
        Accept-Encoding: gzip, deflate, br
        Accept-Language: en-US
        """, http: 11));

    [Fact]
    public void A_Kindle() => AssertNoProgram(WrittenRequest.Classify("""
        User-Agent: Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+
        Accept: application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5
        Accept-Encoding: gzip
        """, http: 11));

    [Fact]
    public void Lynx() => AssertNoProgram(WrittenRequest.Classify("""
        Host: shop.example
        Accept: text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01
        Accept-Encoding: gzip, compress, bzip2
        Accept-Language: en
        User-Agent: Lynx/2.9.0dev.12 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.8
        """, http: 10, ja4: "t13d2611h1_f0a52cd6b2a3_a1b2c3d4e5f6"));

    [Fact]
    public void W3m() => AssertNoProgram(WrittenRequest.Classify("""
        User-Agent: w3m/0.5.3+git20230121
        Accept: text/html, text/*;q=0.5, image/*
        Accept-Encoding: gzip, compress, bzip, bzip2, deflate
        Accept-Language: en;q=1.0
        Host: shop.example
        """, http: 10));

    [Fact]
    public void Chrome_that_saves_data() => AssertSpotless(WrittenRequest.Classify($"""
        Save-Data: on
        {ChromeHints.Replace("?0", "?1", StringComparison.Ordinal).Replace("Windows", "Android", StringComparison.Ordinal)}
        User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36
        {ChromeAccept}
        {PageFetch}
        Accept-Encoding: gzip, deflate, br
        Accept-Language: hi-IN,hi;q=0.9
        """));

    [Fact]
    public void An_apps_window_on_Android() => AssertSpotless(WrittenRequest.Classify("""
        Upgrade-Insecure-Requests: 1
        User-Agent: Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.122 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.0.0.48.94;]
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
        X-Requested-With: com.facebook.katana
        Accept-Encoding: gzip, deflate
        Accept-Language: it-IT,it;q=0.9
        """, http: 11));

    [Fact]
    public void Chrome_behind_a_virus_scanner_that_opens_TLS() => AssertNoProgram(WrittenRequest.Classify($"""
        {ChromeHints}
        {ChromeWindows}
        {ChromeAccept}
        {PageFetch}
        Accept-Encoding: gzip, deflate
        Accept-Language: pl-PL,pl;q=0.9
        """, http: 11, ja4: "t13d3113h1_e8f1e7e78f70_d339722ba4af"));

    [Fact]
    public void A_page_loaded_ahead() => AssertSpotless(WrittenRequest.Classify($"""
        {ChromeHints}
        Upgrade-Insecure-Requests: 1
        {ChromeWindows}
        {ChromeAccept}
        Sec-Purpose: prefetch;prerender
        Sec-Fetch-Site: none
        Sec-Fetch-Mode: navigate
        Sec-Fetch-Dest: document
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: de-DE,de;q=0.9
        """));

    [Theory]
    [InlineData("Accept: */*", "same-origin", "same-origin", "serviceworker")]
    [InlineData("Accept: */*", "same-origin", "navigate", "empty")] // a service worker hands a page's request on; a download
    [InlineData("Accept: application/json, text/plain, */*", "same-origin", "cors", "empty")]
    [InlineData("Accept: */*", "cross-site", "no-cors", "empty")]
    [InlineData("Accept: text/event-stream", "same-origin", "cors", "empty")]
    [InlineData("Accept: */*", "same-origin", "no-cors", "video")]
    [InlineData("Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "same-origin", "no-cors", "image")]
    public void What_a_page_loads(string accept, string site, string mode, string dest) => AssertSpotless(WrittenRequest.Classify($"""
        {ChromeHints}
        {ChromeWindows}
        {accept}
        Sec-Fetch-Site: {site}
        Sec-Fetch-Mode: {mode}
        Sec-Fetch-Dest: {dest}
        Referer: https://shop.example/
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: de-DE,de;q=0.9
        """, path: "/loaded"));

    [Fact]
    public void A_page_that_asks_with_a_script_by_its_own_headers() => AssertSpotless(WrittenRequest.Classify($"""
        {ChromeHints}
        {ChromeWindows}
        Accept: */*
        X-Requested-With: XMLHttpRequest
        {ScriptFetch}
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: de-DE,de;q=0.9
        """, method: "POST", path: "/api"));

    [Fact]
    public void The_question_before_a_cross_site_request() => AssertSpotless(WrittenRequest.Classify($"""
        Accept: */*
        Access-Control-Request-Method: POST
        Origin: https://other.example
        {ChromeWindows}
        Sec-Fetch-Mode: cors
        Sec-Fetch-Site: cross-site
        Sec-Fetch-Dest: empty
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: de-DE,de;q=0.9
        """, method: "OPTIONS", path: "/api"));

    [Fact]
    public void A_WebSocket_which_Chrome_opens_with_few_headers_and_HTTP_1_1() => AssertSpotless(WrittenRequest.Classify($"""
        Connection: Upgrade
        {ChromeWindows}
        Upgrade: websocket
        Origin: https://shop.example
        Sec-WebSocket-Version: 13
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: de-DE,de;q=0.9
        """, http: 11, ja4: "t13d1515h1_8daaf6152771_de4a06bb82e3", path: "/live"));

    [Fact]
    public void A_piece_of_a_film() => AssertSpotless(WrittenRequest.Classify($"""
        {ChromeHints}
        {ChromeWindows}
        Accept-Encoding: identity;q=1, *;q=0
        Accept: */*
        Sec-Fetch-Site: same-origin
        Sec-Fetch-Mode: no-cors
        Sec-Fetch-Dest: video
        Accept-Language: de-DE,de;q=0.9
        Range: bytes=0-
        """, path: "/film.mp4"));

    [Fact]
    public void The_icon_of_a_site() => AssertSpotless(WrittenRequest.Classify($"""
        {FirefoxUserAgent}
        Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5
        Accept-Language: de,en-US;q=0.7
        Accept-Encoding: gzip, deflate, br, zstd
        Referer: https://shop.example/
        Sec-Fetch-Dest: image
        Sec-Fetch-Mode: no-cors
        Sec-Fetch-Site: same-origin
        """, path: "/favicon.ico"));

    [Fact]
    public void A_desktop_program_that_reads_feeds_as_a_browser() => AssertNoProgram(WrittenRequest.Classify($"""
        Host: shop.example
        {ChromeWindows}
        Accept: application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5
        Accept-Encoding: gzip, deflate
        """, http: 11, path: "/feed.xml"));

    [Fact]
    public void A_browser_over_plain_HTTP_owes_no_hints_and_no_fetch_metadata() => AssertSpotless(WrittenRequest.Classify($"""
        Host: shop.example
        Connection: keep-alive
        Upgrade-Insecure-Requests: 1
        {ChromeWindows}
        {ChromeAccept}
        Accept-Encoding: gzip, deflate
        Accept-Language: de-DE,de;q=0.9
        """, Transport.Plain, http: 11));

    [Fact]
    public void A_browser_whose_TLS_somebody_else_ended_before_this_server() => AssertSpotless(WrittenRequest.Classify($"""
        {ChromeHints}
        {ChromeWindows}
        {ChromeAccept}
        {PageFetch}
        Accept-Encoding: gzip, deflate, br, zstd
        Accept-Language: de-DE,de;q=0.9
        """, Transport.Plain, http: 11));

    private static void AssertNoProgram(Verdict verdict) =>
        Assert.True(verdict.Kind is VerdictKind.LikelyHuman or VerdictKind.Unknown, Explain(verdict));

    // Not the least evidence speaks for a program.
    private static void AssertSpotless(Verdict verdict)
    {
        Assert.True(verdict.Kind == VerdictKind.LikelyHuman, Explain(verdict));
        Assert.True(WrittenRequest.Reasons(verdict).TrueForAll(r => VerdictEvidence.WeightOf(r, verdict) <= 0), Explain(verdict));
    }

    private static string Explain(Verdict verdict) =>
        $"{verdict.Kind} {verdict.Score}: {string.Join(", ", WrittenRequest.Reasons(verdict).Select(r => $"{r} {VerdictEvidence.WeightOf(r, verdict):+0.0;-0.0}"))}";
}
