using Microsoft.Extensions.Time.Testing;
using Weir.Detection;

namespace Weir.Control.Tests;

/// <summary>What every store of API keys must do.</summary>
public abstract class ApiKeysContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    protected FakeTimeProvider Time { get; } = new(Start);

    /// <summary>A user of the store that the test shares; each call is another process as far as caches go.</summary>
    protected abstract Task<IApiKeys> NewKeysAsync();

    [Fact]
    public async Task A_key_opens_what_it_was_made_for()
    {
        var keys = await NewKeysAsync();
        var made = await keys.CreateAsync(new NewApiKey([Scopes.TriggersRead, Scopes.ScansWrite], "acme", [SiteId.Parse("demo")], Name: "worker"));
        var found = await keys.FindAsync(made.Text);
        Assert.NotNull(found);
        Assert.Equal(made.Key.Id, found.Id);
        Assert.Equal("acme", found.Tenant);
        Assert.Equal("worker", found.Name);
        Assert.True(found.Allows(Scopes.ScansWrite));
        Assert.False(found.Allows(Scopes.TargetsWrite));
        Assert.True(found.AllowsSite(SiteId.Parse("demo")));
        Assert.False(found.AllowsSite(SiteId.Parse("other")));
    }

    [Fact]
    public async Task An_admin_key_allows_every_scope()
    {
        var keys = await NewKeysAsync();
        var made = await keys.CreateAsync(new NewApiKey([Scopes.Admin]));
        Assert.All(Scopes.All, scope => Assert.True(made.Key.Allows(scope)));
        Assert.True(made.Key.AllowsSite(SiteId.Parse("any")));
    }

    [Fact]
    public async Task Texts_have_the_promised_form_and_never_repeat()
    {
        var keys = await NewKeysAsync();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < 50; i++)
        {
            var made = await keys.CreateAsync(new NewApiKey([Scopes.Admin]));
            Assert.Matches("^weir_[0-9A-Za-z]{54}$", made.Text);
            Assert.StartsWith($"weir_{made.Key.Id}", made.Text);
            Assert.True(texts.Add(made.Text));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("weir_")]
    [InlineData("Bearer x")]
    [InlineData("weir_00000000000000000000000000000000000000000000000000000\0")]
    [InlineData("weir_00000000000000000000000000000000000000000000000000000é")]
    public async Task Texts_that_are_no_keys_open_nothing(string presented) =>
        Assert.Null(await (await NewKeysAsync()).FindAsync(presented));

    [Fact]
    public async Task A_known_id_with_another_secret_opens_nothing()
    {
        var keys = await NewKeysAsync();
        string text = (await keys.CreateAsync(new NewApiKey([Scopes.Admin]))).Text;
        Assert.NotNull(await keys.FindAsync(text));
        Assert.Null(await keys.FindAsync(text[..^1] + (text[^1] == 'a' ? 'b' : 'a')));
    }

    [Fact]
    public async Task An_expired_key_opens_nothing_from_that_moment()
    {
        var keys = await NewKeysAsync();
        var made = await keys.CreateAsync(new NewApiKey([Scopes.Admin], Expires: Start.AddHours(1)));
        Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await keys.FindAsync(made.Text));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await keys.FindAsync(made.Text));
    }

    [Fact]
    public async Task A_revoked_key_opens_nothing_here_at_once_and_elsewhere_after_five_seconds()
    {
        var here = await NewKeysAsync();
        var elsewhere = await NewKeysAsync();
        var made = await here.CreateAsync(new NewApiKey([Scopes.Admin]));
        Assert.NotNull(await here.FindAsync(made.Text));
        Assert.NotNull(await elsewhere.FindAsync(made.Text));
        Assert.True(await here.RevokeAsync(made.Key.Id));
        Assert.Null(await here.FindAsync(made.Text));
        for (int i = 0; i < 5; i++)
        {
            await elsewhere.FindAsync(made.Text);
            Time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Null(await elsewhere.FindAsync(made.Text));
    }

    [Fact]
    public async Task Revoking_keeps_the_first_time_and_says_whether_the_key_exists()
    {
        var keys = await NewKeysAsync();
        var made = await keys.CreateAsync(new NewApiKey([Scopes.Admin]));
        Assert.False(await keys.RevokeAsync("0000000000"));
        Assert.True(await keys.RevokeAsync(made.Key.Id));
        Time.Advance(TimeSpan.FromDays(1));
        Assert.True(await keys.RevokeAsync(made.Key.Id));
        Assert.Equal(Start, Assert.Single(await keys.ListAsync()).Revoked);
    }

    [Fact]
    public async Task Last_use_is_written_at_most_once_a_minute()
    {
        var keys = await NewKeysAsync();
        var made = await keys.CreateAsync(new NewApiKey([Scopes.Admin]));
        Assert.Null(Assert.Single(await keys.ListAsync()).LastUsed);
        await keys.FindAsync(made.Text);
        Time.Advance(TimeSpan.FromSeconds(59));
        await keys.FindAsync(made.Text);
        Assert.Equal(Start, Assert.Single(await keys.ListAsync()).LastUsed);
        Time.Advance(TimeSpan.FromSeconds(1));
        await keys.FindAsync(made.Text);
        Assert.Equal(Start.AddMinutes(1), Assert.Single(await keys.ListAsync()).LastUsed);
    }

    [Fact]
    public async Task A_list_holds_one_tenants_keys_only()
    {
        var keys = await NewKeysAsync();
        var acme = await keys.CreateAsync(new NewApiKey([Scopes.Admin], "acme"));
        await keys.CreateAsync(new NewApiKey([Scopes.Admin], "other"));
        Assert.Equal(acme.Key.Id, Assert.Single(await keys.ListAsync("acme")).Id);
        Assert.Equal(2, (await keys.ListAsync()).Count);
    }

    [Fact]
    public async Task Wishes_that_break_a_rule_are_refused_with_the_rule()
    {
        var keys = await NewKeysAsync();
        await Refused(new NewApiKey([]), "at least one scope");
        await Refused(new NewApiKey(["everything"]), "analytics:read");
        await Refused(new NewApiKey([Scopes.Admin], "Not A Tenant"), "lower-case");
        await Refused(new NewApiKey([Scopes.Admin], Expires: Start), "past");
        await Refused(new NewApiKey([Scopes.Admin], Sites: []), "no site");
        Assert.Empty(await keys.ListAsync());

        async Task Refused(NewApiKey wishes, string says) =>
            Assert.Contains(says, (await Assert.ThrowsAsync<ControlException>(() => keys.CreateAsync(wishes))).Message);
    }
}
