using Microsoft.Extensions.Time.Testing;
using Weir.Control.Sql;
using Weir.Detection;

namespace Weir.Control.Tests;

/// <summary>What every store of share links must do.</summary>
public abstract class SharesContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly SiteId Shop = SiteId.Parse("shop");
    private static readonly Actor By = new(ActorKind.Member, "m", "ann@example.com", "203.0.113.9");

    protected FakeTimeProvider Time { get; } = new(Start);

    /// <summary>The store that the test has for itself.</summary>
    protected abstract IControlStore Store { get; }

    private SqlShares Shares => new(Store, Time);

    [Fact]
    public async Task A_link_shows_its_site_until_it_is_revoked()
    {
        var made = await Shares.CreateAsync("acme", Shop, "for the board", null, By);
        Assert.Matches("^share_[0-9A-Za-z]{54}$", made.Token);
        var found = await Shares.FindAsync(made.Token);
        Assert.Equal((made.Share.Id, "acme", Shop, "for the board"), (found!.Id, found.Tenant, found.Site, found.Name));

        Assert.False(await Shares.RevokeAsync("beta", Shop, found.Id, By));
        Assert.False(await Shares.RevokeAsync("acme", SiteId.Parse("blog"), found.Id, By));
        Assert.NotNull(await Shares.FindAsync(made.Token));
        Assert.True(await Shares.RevokeAsync("acme", Shop, found.Id, By));
        Assert.True(await Shares.RevokeAsync("acme", Shop, found.Id, By));

        Assert.Null(await Shares.FindAsync(made.Token));
        Assert.Equal(Start, Assert.Single(await Shares.ListAsync("acme", Shop)).Revoked);
        Assert.Empty(await Shares.ListAsync("beta", Shop));
        Assert.Equal(
            [(AuditActions.ShareRevoke, found.Id), (AuditActions.ShareCreate, found.Id)],
            (await new SqlAuditLog(Store, Time).ListAsync("acme", new AuditFilter(), null, 10)).Select(e => (e.What.Action, e.What.Subject)));
    }

    [Fact]
    public async Task A_link_ends_at_its_time()
    {
        var made = await Shares.CreateAsync("acme", Shop, "", Start.AddHours(1), By);
        Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await Shares.FindAsync(made.Token));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await Shares.FindAsync(made.Token));
    }

    [Fact]
    public async Task What_is_no_token_shows_nothing()
    {
        var made = await Shares.CreateAsync("acme", Shop, "", null, By);
        foreach (string text in (string[])["", "share_", made.Token[..^1] + (made.Token[^1] == 'a' ? 'b' : 'a'), made.Token + "a", "weir_" + made.Token[6..], made.Share.Id])
            Assert.Null(await Shares.FindAsync(text));
    }

    [Fact]
    public async Task A_site_has_no_more_active_links_than_a_person_can_watch()
    {
        for (int i = 0; i < Share.ActiveMax; i++)
            await Shares.CreateAsync("acme", Shop, "", i == 0 ? Start.AddHours(1) : null, By);
        await Assert.ThrowsAsync<ControlException>(() => Shares.CreateAsync("acme", Shop, "", null, By));
        await Shares.CreateAsync("acme", SiteId.Parse("blog"), "", null, By);
        Time.Advance(TimeSpan.FromHours(1));
        await Shares.CreateAsync("acme", Shop, "", null, By);
        await Assert.ThrowsAsync<ControlException>(() => Shares.CreateAsync("acme", SiteId.Parse("blog"), "", Start, By));
    }

    [Fact]
    public async Task The_token_is_in_no_row()
    {
        var made = await Shares.CreateAsync("acme", Shop, "", null, By);
        await using var connection = await Store.ReadAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM shares";
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        for (int i = 0; i < reader.FieldCount; i++)
        {
            string text = reader.GetValue(i) is byte[] bytes ? System.Text.Encoding.Latin1.GetString(bytes) : reader.GetValue(i).ToString()!;
            Assert.DoesNotContain(made.Token[16..], text, StringComparison.Ordinal);
        }
    }
}
