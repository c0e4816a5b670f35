using Weir.Detection;

namespace Weir.Tests.Claims;

/// <summary>What no browser writes, each rule beside the browser that it must spare.</summary>
public class BrowserModelTests
{
    private const string Blink = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ";
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 ";

    [Theory]
    [InlineData(Blink + "Chrome/142.0.0.0 Safari/537.36 Linkhound", Blink + "Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.6")]
    [InlineData(Blink + "Chrome/142.0.0.0 Safari/537.36 Linkhound/2.0", Blink + "Chrome/142.0.0.0 Safari/537.36 Linkhound/2.0.17")]
    [InlineData(Blink + "Linkhound/2.0 Chrome/142.0.0.0 Safari/537.36", Blink + "Linkhound/2.0 Chrome/142.0.0.0 Electron/38.1.0 Safari/537.36")]
    [InlineData(Blink + "Chrome/142.0.0.0 Safari/537.36 (Linkhound)", Blink + "Chrome/142.0.0.0 Safari/537.36 OPR/125.0.0.0 (Linkhound)")]
    [InlineData(Blink + "Chrome/142.0.0.0 Safari/537.36; Linkhound", Blink + "Chrome/142.0.0.0 Safari/537.36 Linkhound Browser/2.0")]
    [InlineData(Firefox + "Firefox/143.0 Linkhound", Firefox + "Firefox/143.0 LibreWolf/143.0")]
    [InlineData(Firefox + "Linkhound/1.0 Firefox/143.0", "Mozilla/5.0 (X11; Linux x86_64; rv:2.0) Gecko/20100101 Linkhound/1.0")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; Linkhound; rv:143.0) Gecko/20100101 Firefox/143.0", Firefox + "Firefox/143.0")]
    [InlineData("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1) Linkhound", "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; Linkhound)")]
    [InlineData("Mozilla/5.0 (Linkhound) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Mozilla/5.0 (Linux; Android 10; Linkhound) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36 Linkhound")]
    public void A_strangers_name_in_a_desktop_browser_is_a_program_and_a_browsers_own_is_not(string program, string browser) =>
        AssertOnlyTheFirstIs(Reason.StrangerInBrowser, program, browser);

    [Theory]
    [InlineData(Blink + "Chrome/999.0.0.0 Safari/537.36", Blink + "Chrome/242.0.0.0 Safari/537.36")]
    [InlineData(Blink + "Chrome/beta Safari/537.36", Blink + "Chrome/49.0.2623.112 Safari/537.36")]
    [InlineData(Firefox + "Firefox/98.0", Firefox + "Firefox/143.0")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; rv:109.0) Gecko/20100101 Firefox/121.0", "Mozilla/5.0 (Windows NT 10.0; rv:109.0) Gecko/20100101 Firefox/118.0")]
    [InlineData("Mozilla/5.0 (Windows NT 11.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0", "Mozilla/5.0 (Windows NT 6.3; rv:115.0) Gecko/20100101 Firefox/115.0")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/538.1 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/538.1", "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/535.1 (KHTML, like Gecko) Chrome/14.0.835.202 Safari/535.1")]
    [InlineData("Mozilla/5.0 (compatible; MSIE 15.0; Windows NT 10.0)", "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)")]
    [InlineData("Mozilla/5.0 (Linux; Android 99; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36", "Mozilla/5.0 (Linux; Android 17; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 99_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148")]
    [InlineData("Mozilla/9.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0", "Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0")]
    public void A_version_that_was_never_made_is_a_program_and_next_years_is_not(string program, string browser) =>
        AssertOnlyTheFirstIs(Reason.ImpossibleVersion, program, browser);

    [Theory]
    [InlineData(Blink + "Chrome/142.0.0.0", Blink + "Chrome/142.0.0.0 Safari/537.36")]
    [InlineData(Blink, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)")]
    [InlineData(Blink + "Chrome/142.0.0.0 Safari/537", Blink + "Chrome/142.0.0.0 Safari/537.36")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Mozilla/5.0 Linux; Android 8.1.0; vivo 1808 AppleWebKit/537.36 KHTML, like Gecko Chrome/87.0.4280.101 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; rv:143.0) Firefox/143.0", "Mozilla/5.0 (Android 14; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/143.0", "Mozilla/5.0 (Windows; U; Windows NT 5.1; de) Gecko/20081201 Firefox/2.0")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", Requests.Chrome)]
    public void A_browser_with_pieces_missing_is_a_program(string program, string browser) =>
        AssertOnlyTheFirstIs(Reason.BrowserCutShort, program, browser);

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36 Chrome/142.0.0.0")]
    public void Products_in_the_wrong_order_are_a_program(string program) =>
        AssertOnlyTheFirstIs(Reason.ImpossibleBrowser, program, Requests.Chrome);

    [Theory]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Viber/22.0", null)]
    [InlineData("Viber/22.0", "viber")]
    [InlineData("LG-KU990i/V10c Java/ASVM/1.1 Profile/MIDP-2.0 Configuration/CLDC-1.1", null)]
    [InlineData("Java/17.0.2", "java")]
    public void A_name_that_is_also_an_apps_is_a_claim_only_outside_a_browser(string userAgent, string? crawler) =>
        Assert.Equal(crawler, Requests.Classify(userAgent).Crawler?.Id);

    private static void AssertOnlyTheFirstIs(Reason reason, string program, string browser)
    {
        var found = Requests.Classify(program);
        var spared = Requests.Classify(browser);

        Assert.True(found.Reasons.Has(reason));
        Assert.True(found.IsAutomated);
        Assert.Equal(VerdictKind.LikelyHuman, spared.Kind);
    }
}
