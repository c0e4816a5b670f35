using CsCheck;
using Weir.Detection.Claims;
using Weir.TestKit;

namespace Weir.Tests.Claims;

/// <summary>User agents that somebody made to be misread, and changes that must not change a verdict.</summary>
public class HostileUserAgentTests
{
    private static readonly string[] Browsers =
    [
        Requests.Chrome,
        "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
        "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.8.131 Version/11.11",
        "Nokia6300/2.0 (05.00) Profile/MIDP-2.0 Configuration/CLDC-1.1",
    ];

    private static readonly string[] Pieces =
    [
        "Mozilla/5.0", " (", ")", "[", "]", ";", ",", "+", " ", "/", "@", ":", "(Windows NT 10.0; Win64; x64)", "(X11; Linux x86_64; rv:99)", "(Macintosh)",
        "Windows NT ", "MSIE", "MSIE ", "Android ", "Intel Mac OS X 10", "CPU OS ", "rv:", "AppleWebKit/537.36", "(KHTML, like Gecko)", "Chrome/", "Chrome/120.0.0.0",
        "Safari/", "Gecko/", "Firefox/99999999999999", "Electron/1", "GPTBot/1.2", "curl/8", "like ", "http://", "bot", "Bot", "www.", "a.com", "\0", "\ud800", "\udc00x", "é", "爬虫",
        "Mozilla/4.0 [en] (X11; I;", "compatible;",
    ];

    private static readonly Gen<string> Composed = Gen.OneOf(Generators.Pick(Pieces), Gen.String[0, 9]).Array[0, 60].Select(string.Concat);

    [Fact]
    public void Any_text_gets_a_verdict_with_a_reason()
    {
        Gen.OneOf(Composed, Gen.Char.Array[0, 12_000].Select(c => new string(c))).Sample(text =>
        {
            var verdict = Requests.Classify(text);
            return verdict.Score is >= 1 and <= 100 && verdict.Confidence is > 0 and <= 1 && verdict.Reasons.Count > 0;
        }, iter: 3000);
    }

    [Fact]
    public void Any_bytes_get_a_verdict()
    {
        Gen.Byte.Array[0, 9000].Sample(bytes => Requests.Classify(System.Text.Encoding.Latin1.GetString(bytes)).Reasons.Count > 0, iter: 300);
    }

    [Fact]
    public void The_grammar_reads_no_character_twice()
    {
        // What bounds the time on a hostile text: pieces follow each other, and their lengths add up to less than the text's.
        Composed.Sample(text =>
        {
            var pieces = new UserAgentProducts(text);
            int total = 0, count = 0;
            while (pieces.MoveNext() && ++count <= text.Length)
                total += Math.Max(1, pieces.Name.Length + pieces.Version.Length);
            return count <= text.Length && total <= text.Length;
        });
    }

    [Fact]
    public void Blanks_around_a_user_agent_change_nothing()
    {
        Gen.Select(Gen.OneOf(Composed, Generators.Pick(Browsers)), Gen.Int[0, 40], Gen.Int[0, 40]).Sample((text, before, behind) =>
            Requests.Catalog.ReadUserAgentAnew(text) == Requests.Catalog.ReadUserAgentAnew(new string(' ', before) + text + new string(' ', behind)));
    }

    [Fact]
    public void A_word_for_a_program_never_lowers_a_browsers_score()
    {
        string[] words = [" bot", " crawler", "; spider", " (scraper)", " AcmeBot/1.0", " GPTBot/1.2", " python-requests/2", " HeadlessChrome/1", " +https://a.example", " linkchecker"];
        Gen.Select(Generators.Pick(Browsers), Generators.Pick(words), Gen.Bool).Sample((browser, word, isInside) =>
        {
            int at = isInside ? browser.LastIndexOf(' ') : browser.Length;
            return Requests.Classify(browser.Insert(at, word)).Score > Requests.Classify(browser).Score;
        });
    }

    [Fact]
    public void The_case_of_a_crawlers_name_changes_nothing()
    {
        var tokens = Requests.Catalog.Crawlers.SelectMany(c => c.Tokens).ToArray();
        Gen.Select(Generators.Pick(tokens), Gen.Bool).Sample((token, isUpper) =>
        {
            var written = Requests.Classify($"Mozilla/5.0 (compatible; {token}/1.0)");
            var changed = Requests.Classify($"Mozilla/5.0 (compatible; {(isUpper ? token.ToUpperInvariant() : token.ToLowerInvariant())}/1.0)");
            return written.Crawler == changed.Crawler && written.Kind == changed.Kind;
        });
    }

    [Fact]
    public void Hostile_texts_of_eight_kibibytes_cost_no_memory()
    {
        string[] pieces = ["(", "[(", "Chrome/1 ", "bot", "a@", "://gptbot/", ";", "(a;", "x.com", "{{", "like gptbot,", " rv:1;", "AppleWebKit/5 Safari/5 "];
        foreach (string piece in pieces)
        {
            string text = string.Concat("Mozilla/5.0 (X11; ", string.Concat(Enumerable.Repeat(piece, UserAgentReader.MaxLength / piece.Length)));
            AllocationBudget.Bytes(0, () => Requests.Catalog.ReadUserAgentAnew(text));
        }
    }
}
