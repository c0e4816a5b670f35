using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Weir.Control;

namespace Weir.Delivery;

/// <summary>Destinations by their owner, in a control store. Safe from any thread.</summary>
/// <remarks>An owner is a text such as <c>alert/a1b2</c>: a kind, a slash and an id. Writes take part in the owner's own transaction.</remarks>
public sealed class SqlDestinations(IControlStore store)
{
    private const string Columns = "id AS Id, kind AS Kind, address AS Address, secret AS Secret, is_gone AS IsGone, old_secret AS OldSecret, old_until_ms AS OldUntilMs, signing_key AS SigningKey";

    /// <summary>A new id with a short word before it.</summary>
    public static string NewId(string prefix) => $"{prefix}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";

    /// <summary>Whether a text may be an id; one that may not (PostgreSQL takes no NUL, for one) is nobody's.</summary>
    public static bool IsId(string? text) => text is { Length: >= 1 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>An owner's destinations, in their order.</summary>
    public async Task<IReadOnlyList<Destination>> ListAsync(string owner, CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        var rows = await connection.QueryAsync<Row>($"SELECT {Columns} FROM destinations WHERE owner = @owner ORDER BY place", new { owner });
        return [.. rows.Select(r => r.ToDestination())];
    }

    /// <summary>Puts an owner's destinations in the place of those it has; one whose id stays keeps its deliveries, and is sent to again if it was gone.</summary>
    public static async Task ReplaceAsync(DbTransaction transaction, string owner, IReadOnlyList<Destination> destinations)
    {
        var connection = transaction.Connection!;
        var had = await connection.QueryAsync<string>("SELECT id FROM destinations WHERE owner = @owner", new { owner }, transaction);
        foreach (string id in had.Except(destinations.Select(d => d.Id)).ToList())
            await connection.ExecuteAsync("DELETE FROM destinations WHERE id = @id", new { id }, transaction);
        for (int place = 0; place < destinations.Count; place++)
        {
            var d = destinations[place];
            await connection.ExecuteAsync(
                """
                INSERT INTO destinations (id, owner, place, kind, address, secret, is_gone, signing_key) VALUES (@Id, @owner, @place, @kind, @Address, @Secret, 0, @SigningKey)
                ON CONFLICT (id) DO UPDATE SET place = excluded.place, kind = excluded.kind, address = excluded.address, secret = excluded.secret, is_gone = 0,
                    signing_key = excluded.signing_key
                """,
                new { d.Id, owner, place, kind = d.Kind.Name(), d.Address, d.Secret, d.SigningKey }, transaction);
        }
    }

    /// <summary>Gives an owner's destinations another secret; the one before is signed with too until a time.</summary>
    public static Task ChangeSecretAsync(DbTransaction transaction, string owner, string secret, DateTimeOffset oldUntil) => transaction.Connection!.ExecuteAsync(
        "UPDATE destinations SET old_secret = secret, old_until_ms = @oldUntilMs, secret = @secret WHERE owner = @owner",
        new { owner, secret, oldUntilMs = oldUntil.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Removes an owner's destinations with all their deliveries.</summary>
    public static Task RemoveAsync(DbTransaction transaction, string owner) =>
        transaction.Connection!.ExecuteAsync("DELETE FROM destinations WHERE owner = @owner", new { owner }, transaction);

    private sealed record Row(string Id, string Kind, string Address, string Secret, long IsGone, string OldSecret, long OldUntilMs, string SigningKey)
    {
        public Destination ToDestination() => new(Id, DestinationKinds.Find(Kind)!.Value, Address, Secret, IsGone != 0)
        {
            OldSecret = OldSecret,
            OldUntil = DateTimeOffset.FromUnixTimeMilliseconds(OldUntilMs),
            SigningKey = SigningKey,
        };
    }
}
