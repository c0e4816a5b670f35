using Dapper;
using Microsoft.Extensions.Time.Testing;
using Weir.Control.Sql;

namespace Weir.Control.Tests;

/// <summary>What every store of sessions must do.</summary>
public abstract class SessionsContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly SessionOwner Ann = new(ActorKind.Member, "ann"), Key = new(ActorKind.Key, "ann");

    protected FakeTimeProvider Time { get; } = new(Start);

    /// <summary>The store that the test has for itself.</summary>
    protected abstract IControlStore Store { get; }

    private SqlSessions Sessions => new(Store, Time);

    [Fact]
    public async Task A_session_is_its_owner_s_until_its_end_and_is_forgotten_then()
    {
        await Sessions.BeginAsync("a", Ann, Start.AddHours(1));
        Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(Ann, await Sessions.FindAsync("a"));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await Sessions.FindAsync("a"));
        Assert.Null(await Sessions.FindAsync("b"));

        await Sessions.BeginAsync("c", Key, Start.AddHours(2));
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_new_session_replaces_the_browser_s_old_one()
    {
        await Sessions.BeginAsync("a", Ann, Start.AddHours(1));
        await Sessions.BeginAsync("b", Key, Start.AddHours(1), replaced: "a");
        Assert.Null(await Sessions.FindAsync("a"));
        Assert.Equal(Key, await Sessions.FindAsync("b"));
    }

    [Fact]
    public async Task One_or_all_of_an_owner_s_sessions_are_ended()
    {
        foreach (string token in (string[])["a", "b", "c"])
            await Sessions.BeginAsync(token, Ann, Start.AddHours(1));
        await Sessions.BeginAsync("k", Key, Start.AddHours(1));

        await Sessions.EndAsync("a");
        await Sessions.EndAsync("never");
        Assert.Null(await Sessions.FindAsync("a"));
        Assert.Equal(2, await Sessions.EndAllAsync(Ann));
        Assert.Null(await Sessions.FindAsync("c"));
        Assert.Equal(Key, await Sessions.FindAsync("k"));
    }

    [Fact]
    public async Task An_owner_has_so_many_sessions_and_the_first_to_end_gives_way()
    {
        await Sessions.BeginAsync("k", Key, Start.AddMinutes(1));
        for (int i = 0; i <= ISessions.OwnerMax; i++)
            await Sessions.BeginAsync($"{i}", Ann, Start.AddHours(1).AddMinutes(i));
        Assert.Null(await Sessions.FindAsync("0"));
        Assert.Equal(Ann, await Sessions.FindAsync("1"));
        Assert.Equal(Ann, await Sessions.FindAsync($"{ISessions.OwnerMax}"));
        Assert.Equal(Key, await Sessions.FindAsync("k"));
    }

    [Fact]
    public async Task No_token_is_in_the_store()
    {
        const string Token = "0123456789abcdef0123456789abcdef";
        await Sessions.BeginAsync(Token, Ann, Start.AddHours(1));
        await using var connection = await Store.ReadAsync();
        byte[] hash = await connection.QuerySingleAsync<byte[]>("SELECT hash FROM sessions");
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Token)), hash);
    }

    private async Task<long> CountAsync()
    {
        await using var connection = await Store.ReadAsync();
        return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM sessions");
    }
}
