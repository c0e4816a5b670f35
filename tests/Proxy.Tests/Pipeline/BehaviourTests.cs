using Microsoft.AspNetCore.Http;
using Weir.Detection;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Pipeline;

public class BehaviourTests
{
    [Fact]
    public async Task Who_asks_for_the_honeypot_is_a_program_from_then_on_and_is_answered_by_the_origin()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync($"at {c.Request.Path}"));
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url) with { HoneypotPaths = ["/private/list"] }]);

        var before = await VisitAsync(edge, "/private");
        var trapped = await VisitAsync(edge, "/private/list?page=2");
        var after = await VisitAsync(edge, "/");

        Assert.False(before.Verdict.Reasons.Has(Reason.HoneypotVisited));
        Assert.True(trapped.Verdict.Reasons.Has(Reason.HoneypotVisited));
        Assert.Equal(200, trapped.Status);
        Assert.True(after.Verdict.Reasons.Has(Reason.HoneypotVisited));
    }

    [Fact]
    public async Task Answers_that_were_not_there_become_evidence_about_who_asked()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await using var edge = await Edge.BeforeAsync(origin);

        Hit last = default;
        for (int i = 0; i < 13; i++)
            last = await VisitAsync(edge, $"/wp-{i}.php");

        Assert.True(last.Verdict.Reasons.Has(Reason.ManyErrors));
    }

    [Fact]
    public async Task An_origin_that_fails_is_held_against_nobody()
    {
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var edge = await Edge.BeforeAsync(origin);

        Hit last = default;
        for (int i = 0; i < 20; i++)
            last = await VisitAsync(edge, $"/page-{i}");

        Assert.False(last.Verdict.Reasons.Has(Reason.ManyErrors));
    }

    [Fact]
    public async Task A_cookie_counts_as_ignored_only_when_the_origin_set_one()
    {
        await using var silent = await TestOrigin.StartAsync(c => c.Response.WriteAsync("page"));
        await using var offering = await TestOrigin.StartAsync(c =>
        {
            c.Response.Headers.SetCookie = "id=1";
            return c.Response.WriteAsync("page");
        });
        await using var noOffer = await Edge.BeforeAsync(silent);
        await using var offer = await Edge.BeforeAsync(offering);

        Assert.False((await LastOfAsync(noOffer)).Verdict.Reasons.Has(Reason.OfferIgnored));
        Assert.True((await LastOfAsync(offer)).Verdict.Reasons.Has(Reason.OfferIgnored));
        Assert.False((await LastOfAsync(offer, "id=1")).Verdict.Reasons.Has(Reason.OfferIgnored));
    }

    private static async Task<Hit> LastOfAsync(Edge edge, string? cookie = null)
    {
        Hit last = default;
        for (int i = 0; i < 8; i++)
            last = await VisitAsync(edge, $"/page-{i}", cookie);
        return last;
    }

    private static async Task<Hit> VisitAsync(Edge edge, string path, string? cookie = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://www.example.com" + path);
        if (cookie is not null)
            request.Headers.Add("Cookie", cookie);
        using var response = await edge.Client.SendAsync(request);
        return await edge.Hits.NextAsync();
    }
}
