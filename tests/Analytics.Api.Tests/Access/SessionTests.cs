using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Access;

[Collection(AnalyticsCollection.Name)]
public class SessionTests(AnalyticsFixture api)
{
    [Fact]
    public async Task A_session_ends_after_its_life_and_a_new_sign_in_makes_a_new_cookie()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var sessions = new Sessions(api.Keys, api.Organisations, new AnalyticsOptions(), time);
        string first = SignIn(sessions, cookie: null), second = SignIn(sessions, cookie: first);

        Assert.NotEqual(first, second);
        Assert.Null(await sessions.FindCallerAsync(Request(first)));
        time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await sessions.FindCallerAsync(Request(second)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await sessions.FindCallerAsync(Request(second)));
    }

    private string SignIn(Sessions sessions, string? cookie)
    {
        var http = Request(cookie);
        sessions.Start(http, api.AdminKey);
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
