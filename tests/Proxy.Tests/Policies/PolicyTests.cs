using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Policies;

/// <summary>Rules as visitors meet them: through the whole edge.</summary>
public class PolicyTests
{
    private const string GptBot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";
    private const string Person = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

    private static PolicyRule Block => new() { Name = "no-training", Action = PolicyAction.Block, IsEnforced = true, Crawlers = ["gptbot"] };

    [Fact]
    public async Task A_blocked_crawler_gets_403_with_a_request_id_and_the_hit_names_the_rule()
    {
        await using var site = await PolicySite.StartAsync(Block with { Contact = "https://example.com/crawlers" });

        var (answer, text, hit) = await site.GetAsync("/", GptBot);

        Assert.Equal((HttpStatusCode.Forbidden, "text/plain"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Contains($"Request id: {hit.HitId:x16}", text, StringComparison.Ordinal);
        Assert.Contains("https://example.com/crawlers", text, StringComparison.Ordinal);
        Assert.Equal((403, "no-training", PolicyAction.Block, null), (hit.Status, hit.PolicyRule, hit.PolicyAction, hit.DryRunRule));
        Assert.Equal(0, site.AskedOrigin);
    }

    [Fact]
    public async Task People_are_not_touched_by_a_rule_for_a_crawler()
    {
        await using var site = await PolicySite.StartAsync(Block);

        var (answer, text, hit) = await site.GetAsync("/", Person);

        Assert.Equal((HttpStatusCode.OK, "origin"), (answer.StatusCode, text));
        Assert.Equal((null, PolicyAction.None), (hit.PolicyRule, hit.PolicyAction));
    }

    [Fact]
    public async Task Whoever_asks_for_HTML_gets_a_page_that_says_what_to_do_and_whoever_asks_for_JSON_a_problem()
    {
        await using var site = await PolicySite.StartAsync(Block with { Contact = "https://example.com/?a=1&b=2" });

        var (_, page, hit) = await site.GetAsync("/", GptBot, accept: "text/html,*/*;q=0.8");
        var (answer, json, _) = await site.GetAsync("/", GptBot, accept: "application/json");

        Assert.Contains("If you are a person", page, StringComparison.Ordinal);
        Assert.Contains(hit.HitId.ToString("x16"), page, StringComparison.Ordinal);
        Assert.Contains("href=\"https://example.com/?a=1&amp;b=2\"", page, StringComparison.Ordinal);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(json).RootElement;
        Assert.Equal((403, "https://example.com/?a=1&b=2"), (problem.GetProperty("status").GetInt32(), problem.GetProperty("contact").GetString()));
    }

    [Fact]
    public async Task In_dry_run_a_rule_does_nothing_but_the_hit_says_what_it_would_have_done()
    {
        await using var site = await PolicySite.StartAsync(Block with { IsEnforced = false });

        var (answer, _, hit) = await site.GetAsync("/", GptBot);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal((null, PolicyAction.None, "no-training", PolicyAction.Block), (hit.PolicyRule, hit.PolicyAction, hit.DryRunRule, hit.DryRunAction));
    }

    [Fact]
    public async Task A_rule_in_dry_run_hides_no_enforced_rule_behind_it()
    {
        await using var site = await PolicySite.StartAsync(
            new PolicyRule { Name = "pay", Action = PolicyAction.Price, Price = "USD 0.01", Purposes = [Purpose.AiTraining] }, Block);

        var (answer, _, hit) = await site.GetAsync("/", GptBot);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(("no-training", PolicyAction.Block, "pay", PolicyAction.Price), (hit.PolicyRule, hit.PolicyAction, hit.DryRunRule, hit.DryRunAction));
    }

    [Fact]
    public async Task A_priced_page_answers_402_with_the_price_and_where_to_pay()
    {
        await using var site = await PolicySite.StartAsync(new PolicyRule
        {
            Name = "pay",
            Action = PolicyAction.Price,
            IsEnforced = true,
            Price = "USD 0.01",
            Contact = "https://example.com/licence",
            Operators = ["OpenAI"],
            Paths = ["/articles/"],
        });

        var (answer, text, _) = await site.GetAsync("/articles/1", GptBot);
        var (free, _, _) = await site.GetAsync("/", GptBot);

        Assert.Equal(HttpStatusCode.PaymentRequired, answer.StatusCode);
        Assert.Equal("USD 0.01", answer.Headers.GetValues("crawler-price").Single());
        Assert.Equal("<https://example.com/licence>; rel=\"payment\"", answer.Headers.GetValues("Link").Single());
        Assert.Contains("USD 0.01", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);
    }

    [Fact]
    public async Task A_tagged_request_tells_the_origin_who_asks_and_nobody_else_can()
    {
        string seen = "";
        await using var site = await PolicySite.StartAsync(
            [new PolicyRule { Name = "tell", Action = PolicyAction.Tag, IsEnforced = true }],
            c => seen = string.Join(';', c.Request.Headers.Where(h => h.Key.StartsWith("X-Weir-", StringComparison.Ordinal)).OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}={h.Value}")));

        var (_, _, hit) = await site.GetAsync("/", GptBot, header: ("X-Weir-Crawler", "googlebot"));
        Assert.Equal($"X-Weir-Crawler=gptbot;X-Weir-Identity=spoofed;X-Weir-Purpose=ai-training;X-Weir-Score={hit.Verdict.Score}", seen);

        await site.GetAsync("/", Person, header: ("X-Weir-Crawler", "googlebot"));
        Assert.StartsWith("X-Weir-Identity=not-claimed;X-Weir-Purpose=none;", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_its_limit_a_crawler_gets_429_and_when_to_come_back()
    {
        await using var site = await PolicySite.StartAsync(new PolicyRule
        {
            Name = "slow",
            Action = PolicyAction.Limit,
            IsEnforced = true,
            Limit = new RequestLimit(2, 3600),
            Crawlers = ["gptbot"],
        });

        var (_, _, first) = await site.GetAsync("/1", GptBot);
        await site.GetAsync("/2", GptBot);
        var (answer, _, third) = await site.GetAsync("/3", GptBot);
        var (person, _, _) = await site.GetAsync("/3", Person);

        Assert.Equal((200, PolicyAction.WithinLimit), (first.Status, first.PolicyAction));
        Assert.Equal((HttpStatusCode.TooManyRequests, PolicyAction.Limit), (answer.StatusCode, third.PolicyAction));
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 7200);
        Assert.Equal(HttpStatusCode.OK, person.StatusCode);
    }

    [Theory]
    [InlineData("/robots.txt")]
    [InlineData("/robots.txt?x=1")]
    [InlineData("/.well-known/change-password")]
    [InlineData("/.well-known/security.txt")]
    [InlineData("/favicon.ico")]
    [InlineData("/feed.xml")]
    [InlineData("/blog/feed/")]
    public async Task Robots_txt_well_known_paths_favicon_and_feeds_pass_a_rule_that_blocks_everything(string path)
    {
        await using var site = await PolicySite.StartAsync(new PolicyRule { Name = "all", Action = PolicyAction.Block, IsEnforced = true });

        var (answer, _, hit) = await site.GetAsync(path, GptBot);
        var (other, _, _) = await site.GetAsync("/page", GptBot);

        Assert.Equal((HttpStatusCode.OK, PolicyAction.None), (answer.StatusCode, hit.PolicyAction));
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
    }

    [Theory]
    [InlineData("/.well-known/../private")]
    [InlineData("/.well-known/%2e%2E/private")]
    [InlineData("/robots.txt/../private")]
    [InlineData("/%70rivate/x")]
    [InlineData("//private")]
    [InlineData("/a/../private")]
    public async Task No_other_spelling_of_a_path_slips_past_its_rule(string path)
    {
        await using var site = await PolicySite.StartAsync(new PolicyRule { Name = "private", Action = PolicyAction.Block, IsEnforced = true, Paths = ["/private"] });

        using var raw = await site.Edge.ConnectAsync();
        await raw.SendAsync($"GET {path} HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403", await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forged_forwarded_headers_do_not_escape_a_limit()
    {
        await using var site = await PolicySite.StartAsync(new PolicyRule { Name = "slow", Action = PolicyAction.Limit, IsEnforced = true, Limit = new RequestLimit(1, 3600) });

        await site.GetAsync("/", GptBot, header: ("X-Forwarded-For", "203.0.113.1"));
        var (answer, _, _) = await site.GetAsync("/", GptBot, header: ("X-Forwarded-For", "203.0.113.2"));

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
    }

    [Fact]
    public async Task Refusals_are_no_evidence_against_who_was_refused()
    {
        await using var site = await PolicySite.StartAsync(Block);

        Hit last = default;
        for (int i = 0; i < 20; i++)
            (_, _, last) = await site.GetAsync($"/page-{i}", GptBot);

        Assert.False(last.Verdict.Reasons.Has(Reason.ManyErrors));
    }

    [Fact]
    public async Task Changed_rules_hold_from_the_next_request_on()
    {
        await using var site = await PolicySite.StartAsync(Block with { IsEnforced = false });
        await site.GetAsync("/", GptBot);

        site.Edge.Sites.Replace([site.Settings with { Policy = [Block] }]);
        var (answer, _, _) = await site.GetAsync("/", GptBot);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}

/// <summary>An edge with rules before an origin that answers everything with its own name.</summary>
internal sealed class PolicySite : IAsyncDisposable
{
    private readonly TestOrigin _origin;
    private int _asked;

    private PolicySite(TestOrigin origin, Site settings, Edge edge) => (_origin, Settings, Edge) = (origin, settings, edge);

    public Edge Edge { get; }

    public Site Settings { get; }

    public int AskedOrigin => _asked;

    public static Task<PolicySite> StartAsync(params PolicyRule[] rules) => StartAsync(rules, _ => { });

    public static async Task<PolicySite> StartAsync(PolicyRule[] rules, Action<HttpContext> onRequest)
    {
        PolicySite? site = null;
        var origin = await TestOrigin.StartAsync(c =>
        {
            Interlocked.Increment(ref site!._asked);
            onRequest(c);
            return c.Response.WriteAsync("origin");
        });
        var settings = Edge.SiteOf("www.example.com", origin.Url) with { Policy = rules };
        site = new PolicySite(origin, settings, await Edge.StartAsync([settings]));
        return site;
    }

    public async Task<(HttpResponseMessage Answer, string Text, Hit Hit)> GetAsync(
        string path, string userAgent, string? accept = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com" + path);
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (header is { } more)
            request.Headers.TryAddWithoutValidation(more.Name, more.Value);
        var answer = await Edge.Client.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        return (answer, text, await Edge.Hits.NextAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await _origin.DisposeAsync();
    }
}
