using Microsoft.Extensions.Logging.Abstractions;
using Weir.Detection;
using Weir.Scheduling.Suggestions;
using Weir.Scheduling.Targets;
using Weir.TestKit;

namespace Weir.Scheduling.Tests.Suggestions;

public sealed class SuggestionFinderTests : IDisposable
{
    private static readonly SiteId Site = SiteId.Parse("tidewater");

    private readonly PageIndexes _indexes = new(new SchedulingSettings(), NullLogger<PageIndexes>.Instance);

    public SuggestionFinderTests() => _indexes.Change("mine", index => index.Put(Corpus.Pages));

    public void Dispose() => _indexes.Dispose();

    // The figures stand in docs/suggestions.md; who changes how pages are found measures them anew.
    [Fact]
    public void Most_questions_find_their_page_first_and_most_without_an_answer_find_none()
    {
        int first = 0, suggested = 0, right = 0, silent = 0;
        foreach (var (query, answers) in Corpus.Queries)
        {
            var found = Find(query).Where(f => f.Score >= SuggestionFinder.ScoreMin).ToList();
            TestContext.Current.TestOutputHelper?.WriteLine($"{query}: {string.Join("; ", found.Select(f => $"{f.Path} {f.Score} {f.Coverage} ({string.Join(' ', f.Words)})"))}");
            suggested += found.Count;
            right += found.Count(f => answers.Contains(f.Path));
            silent += answers.Length == 0 && found.Count == 0 ? 1 : 0;
            first += found is [var best, ..] && answers.Contains(best.Path) ? 1 : 0;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"the answer is first for {first} of 20; nothing is said for {silent} of 10; {right} of {suggested} suggestions are right");
        Assert.True(first >= 19 && silent == 10 && right >= suggested * 0.95, $"{first} first, {silent} silent, {right} of {suggested} right");
    }

    [Fact]
    public void A_suggestion_says_why()
    {
        var best = Find("track billable hours and put them on an invoice")[0];

        Assert.Equal(("tidewater", "www.tidewater.example", "/features/time-tracking", "Time tracking for projects | Tidewater", 1.0), (best.Site.Value, best.Host, best.Path, best.Title, best.Coverage));
        Assert.Equal(["track", "billable", "hours", "put", "invoice"], best.Words);
        Assert.Contains("billable hours on the invoice", best.Snippet, StringComparison.Ordinal);
        Assert.InRange(best.Score, 0.8, 1);
        // Signs that are put apart to be found are seen as they were.
        Assert.StartsWith("料金プラン", Find("請求書 料金プラン")[0].Title, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_that_every_target_has_or_that_were_refused_are_not_suggested_again()
    {
        var query = QueryOf("tidewater data processing agreement");
        Assert.Equal("/legal/gdpr", Assert.Single(Find(query)).Path);
        Assert.Empty(Find(query with { Links = [new PageLinkOf(1, Site, "/legal/*")] }));
        Assert.NotEmpty(Find(query with { Targets = [1, 2], Links = [new PageLinkOf(1, Site, "/legal/*")] }));
        Assert.Empty(Find(query with { Rejected = [new PagePatternOfSite(Site, "/legal/gdpr/")] }));
        Assert.NotEmpty(new SuggestionFinder(_indexes).Find("mine", [Site], query with { Rejected = [new PagePatternOfSite(Site, "/legal/gdpr")] }, withAnswered: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ?!  ")]
    [InlineData("\"")]
    [InlineData("invoice\" OR title:\"pricing")]
    [InlineData("NOT AND OR NEAR(stripe, 5) title : * ^pricing {a b} + -path")]
    [InlineData("'; DROP TABLE pages; --")]
    [InlineData("\0stripe\0")]
    [InlineData("\ud83d\ude80\ud83d\ude80")]
    [InlineData("\ud800 stripe \udc00")]
    [InlineData("كم تكلفة الفاتورة الإلكترونية")]
    [InlineData("\u202estripe\u202c \u200b\u0301\u0301")]
    [InlineData("การชำระเงิน ใบแจ้งหนี้")]
    [InlineData("भुगतान अनुस्मारक")]
    public void Any_query_is_a_list_of_words_and_nothing_else(string query)
    {
        var found = Find(query);

        Assert.All(found, f => Assert.InRange(f.Score, 0, 1));
        if (query.Contains("stripe", StringComparison.Ordinal) && query.Length < 30)
            Assert.Equal("/integrations/stripe", found[0].Path);
    }

    [Fact]
    public void A_query_of_ten_thousand_characters_is_looked_at_by_its_head()
    {
        Assert.Empty(Find(string.Join(' ', Enumerable.Range(0, 1_500).Select(i => $"word{i}"))));
        Assert.Empty(Find(new string('x', 10_000)));
        Assert.DoesNotContain(Find(string.Concat(Enumerable.Repeat("料金", 5_000)) + " " + new string('"', 10_000)), f => f.Path != "/ja/pricing");
    }

    [Fact]
    public void Another_tenant_s_page_is_never_found_nor_one_of_a_site_that_is_not_asked_for()
    {
        var secret = new IndexedPage(new PageKey("theirs", "secret.example", "/stripe"), "Stripe payments, secret", "Stripe card payments and direct debit", 1);
        _indexes.Change("theirs", index => index.Put([secret]));

        Assert.DoesNotContain(Find("does tidewater work with stripe"), f => f.Site.Value == "theirs");
        Assert.Empty(new SuggestionFinder(_indexes).Find("mine", [SiteId.Parse("theirs")], QueryOf("stripe payments")));
        Assert.Empty(new SuggestionFinder(_indexes).Find("nobody", [Site], QueryOf("stripe payments")));
    }

    [Fact]
    public void A_page_that_changed_is_found_by_its_new_words_and_a_deleted_one_no_more()
    {
        var page = Corpus.Pages.First(p => p.Key.Path == "/integrations/stripe");
        _indexes.Change("mine", index => index.Put([page with { Title = "Adyen payments", Text = "Take card payments with Adyen.", Key = page.Key }]));
        Assert.Equal("/integrations/stripe", Find("adyen card payments")[0].Path);

        _indexes.Change("mine", index => index.Keep(Site.Value, key => key.Path != "/integrations/stripe"));
        Assert.Empty(Find("adyen card payments"));
        Assert.Equal(Corpus.Pages.Count - 1, _indexes.Pages("mine", [Site]));
    }

    [Fact]
    public void A_damaged_index_is_made_anew()
    {
        using var folder = new TemporaryFolder();
        var settings = new SchedulingSettings { PageIndexFolder = folder.Path };
        using (var indexes = new PageIndexes(settings, NullLogger<PageIndexes>.Instance))
            indexes.Change("mine", index => index.Put(Corpus.Pages));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        string file = Assert.Single(Directory.GetFiles(folder.Path, "*.pages"));
        File.WriteAllText(file, new string('x', 10_000));

        using var again = new PageIndexes(settings, NullLogger<PageIndexes>.Instance);
        Assert.Equal(0, again.Pages("mine", [Site]));
        again.Change("mine", index => index.Put(Corpus.Pages));
        Assert.Equal(Corpus.Pages.Count, again.Pages("mine", [Site]));
    }

    private IReadOnlyList<Suggestion> Find(string query) => Find(QueryOf(query));

    private IReadOnlyList<Suggestion> Find(SuggestedQuery query) => new SuggestionFinder(_indexes).Find("mine", [Site], query);

    private static SuggestedQuery QueryOf(string text) => new(1, Corpus.Brand, 1, text, [1], [], []);
}
