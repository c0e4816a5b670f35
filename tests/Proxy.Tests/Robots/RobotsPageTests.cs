using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Robots;

namespace Weir.Proxy.Tests.Robots;

public class RobotsPageTests
{
    private const string Address = "http://www.example.com/robots.txt";

    private static readonly RobotsPlan NoTraining = new() { Rules = [new() { Purposes = [Purpose.AiTraining], Disallow = ["/"] }], TrapPath = "/trap-1/" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_managed_file_is_served_by_the_edge_stored_as_a_hit_and_refused_to_nobody()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("the origin's"));
        var site = Managed(origin) with { Policy = [new() { Name = "nobody", Action = PolicyAction.Block, IsEnforced = true }] };
        await using var edge = await Edge.StartAsync([site]);

        using var response = await edge.Client.GetAsync(new Uri(Address), Stop);
        var hit = await edge.Hits.NextAsync();
        string text = await response.Content.ReadAsStringAsync(Stop);

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains("User-agent: Google-Extended\n", text, StringComparison.Ordinal);
        Assert.EndsWith("User-agent: *\nContent-Signal: ai-train=no\nAllow: /\nDisallow: /trap-1/\n\n", text, StringComparison.Ordinal);
        Assert.Equal(("/robots.txt", 200, PolicyAction.None, (ulong)text.Length), (hit.Path, hit.Status, hit.PolicyAction, hit.BytesSent));
    }

    [Fact]
    public async Task Whoever_knows_the_file_is_told_so_and_HEAD_gets_its_length_alone()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("the origin's"));
        await using var edge = await Edge.StartAsync([Managed(origin)]);

        using var first = await edge.Client.GetAsync(new Uri(Address), Stop);
        using var head = await SendAsync(edge, HttpMethod.Head);
        using var byTag = await SendAsync(edge, HttpMethod.Get, "If-None-Match", $"\"x\", {first.Headers.ETag}");
        using var byTime = await SendAsync(edge, HttpMethod.Get, "If-Modified-Since", first.Content.Headers.LastModified!.Value.ToString("r"));
        using var other = await SendAsync(edge, HttpMethod.Get, "If-None-Match", "\"x\"");
        using var post = await SendAsync(edge, HttpMethod.Post);

        Assert.Equal("public, max-age=300", first.Headers.CacheControl?.ToString());
        Assert.Equal((first.Content.Headers.ContentLength, ""), (head.Content.Headers.ContentLength, await head.Content.ReadAsStringAsync(Stop)));
        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.NotModified, HttpStatusCode.OK), (byTag.StatusCode, byTime.StatusCode, other.StatusCode));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task Merged_the_origins_rules_stay_and_its_file_is_asked_for_by_condition_and_kept_while_it_errs()
    {
        var asked = new List<(string Host, string? Tag)>();
        string body = "User-agent: *\nDisallow: /admin/\n";
        int status = 200;
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            asked.Add((c.Request.Host.Value!, c.Request.Headers.IfNoneMatch));
            c.Response.StatusCode = c.Request.Headers.IfNoneMatch == "\"1\"" && status == 200 ? 304 : status;
            c.Response.Headers.ETag = "\"1\"";
            if (c.Response.StatusCode != 304)
                await c.Response.WriteAsync(body);
        });
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var pages = new RobotsSetUp(Merged(origin), time);

        var first = await pages.AskAsync();
        time.Advance(TimeSpan.FromMinutes(16));
        await pages.AskAsync();
        await pages.FetchedAsync(2);
        status = 503;
        time.Advance(TimeSpan.FromMinutes(16));
        await pages.AskAsync();
        await pages.FetchedAsync(3);
        var stale = await pages.AskAsync();

        Assert.Equal([("www.example.com", null), ("www.example.com", "\"1\""), ("www.example.com", "\"1\"")], asked);
        Assert.Equal(first, stale);
        Assert.Contains("Disallow: /admin/\n", first, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, 200, "User-agent: *\n")]
    [InlineData(500, 503, "cannot be read")]
    [InlineData(429, 503, "cannot be read")]
    public async Task An_origin_without_a_file_allows_everything_and_one_that_errs_is_not_invented(int status, int served, string text)
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            return c.Response.WriteAsync("<html>whatever</html>");
        });
        await using var edge = await Edge.StartAsync([Merged(origin)]);

        using var response = await edge.Client.GetAsync(new Uri(Address), Stop);

        Assert.Equal(served, (int)response.StatusCode);
        string body = await response.Content.ReadAsStringAsync(Stop);
        Assert.Contains(text, body, StringComparison.Ordinal);
        Assert.DoesNotContain("whatever", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_within_the_site_is_followed_and_one_to_a_stranger_is_no_file()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            if (c.Request.Path == "/robots.txt")
                c.Response.Redirect(c.Request.Host.Host == "www.example.com" ? "/real.txt" : "http://elsewhere.example/robots.txt");
            return c.Response.WriteAsync("User-agent: *\nDisallow: /moved/\n");
        });
        await using var edge = await Edge.StartAsync([Merged(origin) with { Hosts = ["www.example.com", "b.example.com"] }]);

        Assert.Contains("/moved/", await edge.Client.GetStringAsync(new Uri(Address), Stop), StringComparison.Ordinal);
        Assert.DoesNotContain("/moved/", await edge.Client.GetStringAsync(new Uri("http://b.example.com/robots.txt"), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_end_is_read_as_far_as_crawlers_must_read()
    {
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            await c.Response.WriteAsync("User-agent: *\nDisallow: /early/\n");
            byte[] line = "Disallow: /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"u8.ToArray();
            while (!c.RequestAborted.IsCancellationRequested)
                await c.Response.Body.WriteAsync(line);
        });
        await using var edge = await Edge.StartAsync([Merged(origin)]);

        string text = await edge.Client.GetStringAsync(new Uri(Address), Stop);

        Assert.Contains("Disallow: /early/\n", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 400_000, RobotsFile.BytesMax + 20_000);
    }

    [Fact]
    public async Task The_trap_is_a_small_page_that_nobody_indexes_and_who_asks_for_it_is_a_program_from_then_on()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("the origin's"));
        await using var edge = await Edge.StartAsync([Managed(origin) with { TrapPath = "/trap-1/" }]);

        using var trap = await edge.Client.GetAsync(new Uri("http://www.example.com/trap-1/deep/er"), Stop);
        var trapped = await edge.Hits.NextAsync();
        string near = await edge.Client.GetStringAsync(new Uri("http://www.example.com/trap-12/"), Stop);
        var after = await edge.Hits.NextAsync();

        Assert.Equal((HttpStatusCode.OK, "noindex, nofollow"), (trap.StatusCode, trap.Headers.GetValues("X-Robots-Tag").Single()));
        Assert.DoesNotContain("href", await trap.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal("the origin's", near);
        Assert.True(trapped.Verdict.Reasons.Has(Reason.HoneypotVisited));
        Assert.True(after.Verdict.Reasons.Has(Reason.HoneypotVisited));
    }

    [Fact]
    public async Task Changed_settings_change_the_file_and_its_validators()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync("the origin's"));
        await using var edge = await Edge.StartAsync([Managed(origin)]);

        using var before = await edge.Client.GetAsync(new Uri(Address), Stop);
        edge.Sites.Replace([Managed(origin) with { Robots = new SiteRobots { Mode = RobotsMode.Managed, Plan = NoTraining with { TrapPath = null } } }]);
        using var after = await edge.Client.GetAsync(new Uri(Address), Stop);
        edge.Sites.Replace([Managed(origin) with { Robots = new SiteRobots() }]);
        string passed = await edge.Client.GetStringAsync(new Uri(Address), Stop);

        Assert.NotEqual(before.Headers.ETag, after.Headers.ETag);
        Assert.Equal("the origin's", passed);
    }

    private static Site Managed(TestOrigin origin) => Edge.SiteOf("www.example.com", origin.Url) with { Robots = new SiteRobots { Mode = RobotsMode.Managed, Plan = NoTraining } };

    private static Site Merged(TestOrigin origin) => Edge.SiteOf("www.example.com", origin.Url) with { Robots = new SiteRobots { Mode = RobotsMode.Merged, Plan = NoTraining } };

    private static async Task<HttpResponseMessage> SendAsync(Edge edge, HttpMethod method, string? header = null, string? value = null)
    {
        using var request = new HttpRequestMessage(method, Address);
        if (header is not null)
            request.Headers.TryAddWithoutValidation(header, value);
        return await edge.Client.SendAsync(request, Stop);
    }
}
