using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Control.Sql;

namespace Weir.Analytics.Api.Tests.Access;

[Collection(AnalyticsCollection.Name)]
public class SessionTests(AnalyticsFixture api)
{
    [Fact]
    public async Task A_session_ends_after_its_life_and_a_new_sign_in_makes_a_new_cookie()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var sessions = new Sessions(new SqlSessions(api.Control, time), api.Keys, api.Organisations, new AnalyticsOptions(), time);
        var key = await api.Keys.CreateAsync(new NewApiKey([Scopes.AnalyticsRead]));
        string first = await SignInAsync(sessions, key.Key, cookie: null), second = await SignInAsync(sessions, key.Key, cookie: first);

        Assert.NotEqual(first, second);
        Assert.Null(await sessions.FindCallerAsync(Request(first)));
        time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await sessions.FindCallerAsync(Request(second)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await sessions.FindCallerAsync(Request(second)));
    }

    [Fact]
    public async Task A_restart_signs_nobody_out_and_another_program_knows_the_session()
    {
        using var browser = await api.SignedInAsync(await api.Organisations.InviteAsync(api.NewTenant(), "ann@example.com", Roles.Viewer, Actor.Account));
        await using var other = await api.NewAppAsync(new AnalyticsOptions { Listen = AnalyticsFixture.AnyPort });
        using var there = Beside(browser, other);

        await there.JsonAsync("/v1/sites");
        using var signedOut = await there.DeleteAsync(new Uri("/session", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NoContent, signedOut.StatusCode);
        Assert.Equal(401, (await browser.RefusalAsync("/v1/sites")).Status);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_one_s_own_sessions_in_every_program_and_nobody_else_s()
    {
        string tenant = api.NewTenant();
        var ann = await api.Organisations.InviteAsync(tenant, "ann@example.com", Roles.Viewer, Actor.Account);
        using HttpClient desk = await api.SignedInAsync(ann), phone = await api.SignedInAsync(ann),
            bob = await api.SignedInAsync(await api.Organisations.InviteAsync(tenant, "bob@example.com", Roles.Viewer, Actor.Account));

        using var wrong = await desk.DeleteAsync(new Uri("/session?everywhere=maybe", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        await using var other = await api.NewAppAsync(new AnalyticsOptions { Listen = AnalyticsFixture.AnyPort });
        using var there = Beside(desk, other);
        using var ended = await there.DeleteAsync(new Uri("/session?everywhere=true", UriKind.Relative));

        Assert.Equal(401, (await desk.RefusalAsync("/v1/sites")).Status);
        Assert.Equal(401, (await phone.RefusalAsync("/v1/sites")).Status);
        await bob.JsonAsync("/v1/sites");
        var note = (await new SqlAuditLog(api.Control, TimeProvider.System).ListAsync(tenant, new AuditFilter(AuditActions.SignOut), null, 10))[0];
        Assert.Equal((ann.Id, "everywhere, 2 sessions"), (note.What.Subject, note.What.Detail));
    }

    private HttpClient Beside(HttpClient browser, WebApplication app)
    {
        var client = api.Client(null, new Uri(app.Urls.First()));
        client.DefaultRequestHeaders.Add("Cookie", browser.DefaultRequestHeaders.GetValues("Cookie"));
        return client;
    }

    private static async Task<string> SignInAsync(Sessions sessions, ApiKey key, string? cookie)
    {
        var http = Request(cookie);
        await sessions.StartAsync(http, new SessionOwner(ActorKind.Key, key.Id));
        return http.Response.Headers.SetCookie.Last()!.Split('=', ';')[1];
    }

    private static DefaultHttpContext Request(string? cookie)
    {
        var http = new DefaultHttpContext();
        if (cookie is not null)
            http.Request.Headers.Cookie = $"{Sessions.CookieName}={cookie}";
        return http;
    }
}
