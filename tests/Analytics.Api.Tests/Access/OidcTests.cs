using System.Net;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Tests.Support;
using Weir.Control;
using Weir.Control.Sql;

namespace Weir.Analytics.Api.Tests.Access;

/// <summary>Members sign in at a real OpenID Connect provider.</summary>
[Collection(AnalyticsCollection.Name)]
public sealed class OidcTests(AnalyticsFixture api) : IAsyncLifetime
{
    private OidcProvider _provider = null!;
    private WebApplication _app = null!;
    private string _tenant = null!, _email = null!;

    private Uri Url => new(_app.Urls.First());

    public async ValueTask InitializeAsync()
    {
        _provider = await OidcProvider.StartAsync();
        _app = await api.NewAppAsync(Options());
        _tenant = api.NewTenant();
        _email = _provider.Email = $"ann@{_tenant}.example";
        _provider.Subject = $"subject-of-{_tenant}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task A_member_signs_in_and_may_what_the_role_says()
    {
        await api.Organisations.InviteAsync(_tenant, _email, Roles.Editor, Actor.Account);
        using var browser = NewBrowser();

        Assert.Equal("/?site=shop&range=7d", await SignInAsync(browser, "?returnTo=" + Uri.EscapeDataString("/?site=shop&range=7d")));

        var you = (await browser.JsonAsync("/v1/organisation")).GetProperty("you");
        Assert.Equal(("member", _email, "editor"), (you.Text("kind"), you.Text("name"), you.Text("role")));
        Assert.Equal(_tenant, (await browser.JsonAsync("/session")).Text("tenant"));
        Assert.Equal(403, (await browser.RefusalAsync("/v1/organisation/members")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await browser.SendAsync("DELETE", "/session")).Status);
        Assert.Equal(401, (await browser.RefusalAsync("/v1/organisation")).Status);
        var log = await new SqlAuditLog(api.Control, TimeProvider.System).ListAsync(_tenant, new AuditFilter(), null, 10);
        Assert.Equal([AuditActions.SignOut, AuditActions.SignIn, AuditActions.MemberInvite], log.Select(e => e.What.Action));
        Assert.Equal("127.0.0.1", log[1].By.Address);
    }

    [Fact]
    public async Task Each_sign_in_makes_a_new_cookie_and_ends_the_one_before()
    {
        await api.Organisations.InviteAsync(_tenant, _email, Roles.Viewer, Actor.Account);
        var cookies = new CookieContainer();
        using var browser = NewBrowser(cookies);
        // Somebody else put a cookie into this browser before.
        cookies.Add(Url, new Cookie("weir_session", new string('a', 64), "/"));
        await SignInAsync(browser);
        string first = cookies.GetCookies(Url)["weir_session"]!.Value;
        await SignInAsync(browser);
        string second = cookies.GetCookies(Url)["weir_session"]!.Value;

        Assert.Equal(3, new HashSet<string>([new string('a', 64), first, second]).Count);
        using var other = NewBrowser();
        other.DefaultRequestHeaders.Add("Cookie", $"weir_session={first}");
        Assert.Equal(401, (await other.RefusalAsync("/v1/organisation")).Status);
        await browser.JsonAsync("/v1/organisation");
    }

    [Fact]
    public async Task A_changed_role_counts_from_the_next_request_and_a_removed_member_is_out()
    {
        await api.Organisations.InviteAsync(_tenant, $"owner@{_tenant}.example", Roles.Owner, Actor.Account);
        var member = await api.Organisations.InviteAsync(_tenant, _email, Roles.Owner, Actor.Account);
        using var browser = NewBrowser();
        await SignInAsync(browser);
        await browser.JsonAsync("/v1/organisation/members");

        await api.Organisations.ChangeAsync(_tenant, member.Id, Roles.Viewer, Actor.Account);
        Assert.Equal(403, (await browser.RefusalAsync("/v1/organisation/members")).Status);

        await api.Organisations.RemoveAsync(_tenant, member.Id, Actor.Account);
        Assert.Equal(401, (await browser.RefusalAsync("/v1/organisation")).Status);
        Assert.Equal("/?sign-in=unknown", await SignInAsync(browser));
    }

    [Fact]
    public async Task Whoever_is_no_member_or_has_no_verified_address_is_not_let_in()
    {
        using var browser = NewBrowser();
        Assert.Equal("/?sign-in=unknown", await SignInAsync(browser));
        await api.Organisations.InviteAsync(_tenant, _email, Roles.Owner, Actor.Account);
        foreach (bool? verified in (bool?[])[false, null])
        {
            _provider.IsVerified = verified;
            Assert.Equal("/?sign-in=unverified", await SignInAsync(browser));
        }
        Assert.Equal(401, (await browser.RefusalAsync("/v1/organisation")).Status);
        var refused = await new SqlAuditLog(api.Control, TimeProvider.System).ListAsync(
            Tenant.Default, new AuditFilter(AuditActions.SignInRefused, Subject: _email), null, 10);
        Assert.Equal("127.0.0.1", Assert.Single(refused).By.Address);

        // A company's own provider may be trusted to name people's addresses.
        await using var trusting = await api.NewAppAsync(Options() with { Oidc = Options().Oidc! with { TrustsEmails = true } });
        using var trusted = NewBrowser(url: new Uri(trusting.Urls.First()));
        Assert.Equal("/", await SignInAsync(trusted));
    }

    [Fact]
    public async Task An_address_that_only_the_user_info_names_counts()
    {
        _provider.TellsUserInfoOnly = true;
        await api.Organisations.InviteAsync(_tenant, _email, Roles.Viewer, Actor.Account);
        using var browser = NewBrowser();

        Assert.Equal("/", await SignInAsync(browser));
    }

    [Fact]
    public async Task A_person_of_two_organisations_chooses()
    {
        string second = api.NewTenant();
        await api.Organisations.InviteAsync(_tenant, _email, Roles.Viewer, Actor.Account);
        await api.Organisations.InviteAsync(second, _email, Roles.Viewer, Actor.Account);
        using var browser = NewBrowser();

        await SignInAsync(browser, $"?organisation={second}");

        Assert.Equal(second, (await browser.JsonAsync("/v1/organisation")).Text("id"));
        Assert.Equal("/?sign-in=unknown", await SignInAsync(browser, $"?organisation={api.NewTenant()}"));
    }

    [Theory]
    [InlineData("returnTo", "https://evil.example/")]
    [InlineData("returnTo", "//evil.example/")]
    [InlineData("returnTo", "/\\evil.example/")]
    [InlineData("returnTo", "evil")]
    [InlineData("organisation", "Not A Tenant")]
    public async Task Nobody_is_sent_to_another_place(string field, string value)
    {
        using var browser = NewBrowser();

        var (status, problem) = await browser.RefusalAsync($"/session/oidc?{field}={Uri.EscapeDataString(value)}");

        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task The_way_back_works_once_and_in_its_own_browser_only()
    {
        await api.Organisations.InviteAsync(_tenant, _email, Roles.Viewer, Actor.Account);
        using var browser = NewBrowser();
        using var victim = NewBrowser();
        var back = await WayBackAsync(browser);

        Assert.Equal("/?sign-in=failed", await FollowAsync(victim, back));
        Assert.Equal("/", await FollowAsync(browser, back));
        Assert.Equal("/?sign-in=failed", await FollowAsync(browser, back));
        Assert.Equal(401, (await victim.RefusalAsync("/v1/organisation")).Status);
    }

    [Fact]
    public async Task A_code_of_another_sign_in_is_refused()
    {
        await api.Organisations.InviteAsync(_tenant, _email, Roles.Viewer, Actor.Account);
        using var browser = NewBrowser();
        var query = HttpUtility.ParseQueryString((await WayBackAsync(browser)).Query);
        query["code"] = HttpUtility.ParseQueryString((await WayBackAsync(browser)).Query)["code"];

        Assert.Equal("/?sign-in=failed", await FollowAsync(browser, new Uri(Url, $"{OidcOptions.CallbackPath}?{query}")));
        Assert.Equal("/?sign-in=failed", await FollowAsync(browser, new Uri(Url, $"{OidcOptions.CallbackPath}?code=x&state=y")));
        Assert.Equal("/?sign-in=failed", await FollowAsync(browser, new Uri(Url, OidcOptions.CallbackPath)));
    }

    [Fact]
    public async Task The_provider_is_asked_with_state_nonce_and_proof_key_and_sends_back_to_the_public_address()
    {
        await using var app = await api.NewAppAsync(Options() with { Oidc = Options().Oidc! with { PublicUrl = new Uri("https://weir.example") } });
        using var browser = NewBrowser(url: new Uri(app.Urls.First()));

        using var response = await browser.GetAsync(new Uri("/session/oidc", UriKind.Relative));

        var query = HttpUtility.ParseQueryString(response.Headers.Location!.Query);
        Assert.Equal(("code", "S256", "https://weir.example/session/oidc/callback"), (query["response_type"], query["code_challenge_method"], query["redirect_uri"]));
        Assert.All((string[])["state", "nonce", "code_challenge"], name => Assert.False(string.IsNullOrEmpty(query[name]), name));
        Assert.All(response.Headers.GetValues("Set-Cookie"), c => Assert.Contains("; secure; samesite=lax; httponly", c, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_provider_that_is_away_is_said_to_be()
    {
        await using var app = await api.NewAppAsync(Options() with { Oidc = Options().Oidc! with { Authority = new Uri("http://127.0.0.1:1") } });
        using var browser = NewBrowser(url: new Uri(app.Urls.First()));

        Assert.Equal(503, (await browser.RefusalAsync("/session/oidc")).Status);
        using var without = api.Client(null);
        Assert.Equal(404, (await without.RefusalAsync("/session/oidc")).Status);
    }

    private AnalyticsOptions Options() => new()
    {
        Listen = AnalyticsFixture.AnyPort,
        Oidc = new OidcOptions { Authority = _provider.Url, ClientId = OidcProvider.ClientId, ClientSecret = OidcProvider.ClientSecret },
    };

    private HttpClient NewBrowser(CookieContainer? cookies = null, Uri? url = null) =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies ?? new CookieContainer() }) { BaseAddress = url ?? Url };

    /// <summary>Signs in, and gives the path at which the browser ends.</summary>
    private static async Task<string> SignInAsync(HttpClient browser, string query = "") => await FollowAsync(browser, await WayBackAsync(browser, query));

    /// <summary>Goes to the provider; gives the address that it sends the browser back to.</summary>
    private static async Task<Uri> WayBackAsync(HttpClient browser, string query = "")
    {
        using var there = await browser.GetAsync(new Uri($"/session/oidc{query}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Found, there.StatusCode);
        using var back = await browser.GetAsync(there.Headers.Location);
        Assert.True(back.StatusCode == HttpStatusCode.Found, await back.Content.ReadAsStringAsync());
        return back.Headers.Location!;
    }

    private static async Task<string> FollowAsync(HttpClient browser, Uri back)
    {
        using var response = await browser.GetAsync(back);
        Assert.True(response.StatusCode == HttpStatusCode.Found, await response.Content.ReadAsStringAsync());
        return response.Headers.Location!.ToString();
    }
}
