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
        return [.. rows.Select(r => r.ToDestination(store.Secrets))];
    }

    private const string AllSql = $"SELECT {Columns} FROM destinations WHERE secret <> '' AND secret NOT LIKE 'sealed:%' OR kind = 'slack' AND address NOT LIKE 'sealed:%'";

    /// <summary>Seals what stands in clear from before secrets were sealed; returns how many destinations had any.</summary>
    public Task<int> SealAllAsync(CancellationToken stop = default) => store.WriteAsync(async transaction =>
    {
        Row[] rows = [.. await transaction.Connection!.QueryAsync<Row>(AllSql, transaction: transaction)];
        if (rows.Length == 0)
            return 0;
        await store.Secrets.ReadyAsync(transaction, SealedSql);
        foreach (var row in rows)
        {
            var d = Sealed(store.Secrets, row.ToDestination(store.Secrets));
            await transaction.Connection!.ExecuteAsync(
                "UPDATE destinations SET address = @Address, secret = @Secret, old_secret = @OldSecret, signing_key = @SigningKey WHERE id = @Id",
                new { d.Id, d.Address, d.Secret, d.OldSecret, d.SigningKey }, transaction);
        }
        return rows.Length;
    }, stop);

    /// <summary>Opens one secret, to see whether the key is the right one.</summary>
    /// <exception cref="ControlException">It is not, or not there.</exception>
    public async Task TryKeyAsync(CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        if (await connection.QuerySingleOrDefaultAsync<Row>(OneSealedSql) is { } row)
            _ = store.Secrets.Open(row.Secret, row.Id);
    }

    /// <summary>Puts an owner's destinations in the place of those it has; one whose id stays keeps its deliveries, and is sent to again if it was gone.</summary>
    /// <param name="transaction">The owner's.</param>
    /// <param name="secrets">Seals their secrets.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="destinations">All of them.</param>
    /// <exception cref="ControlException">Secrets cannot be sealed, or those that are kept cannot be opened.</exception>
    public static async Task ReplaceAsync(DbTransaction transaction, SecretSeal secrets, string owner, IReadOnlyList<Destination> destinations)
    {
        if (destinations.FirstOrDefault(d => d.Sealed is not null) is { Sealed: { } why })
            throw new ControlException(why);
        var connection = transaction.Connection!;
        if (destinations.Any(d => d.Secret.Length > 0 || d.Kind == DestinationKind.Slack))
            await secrets.ReadyAsync(transaction, SealedSql);
        var had = await connection.QueryAsync<string>("SELECT id FROM destinations WHERE owner = @owner", new { owner }, transaction);
        foreach (string id in had.Except(destinations.Select(d => d.Id)).ToList())
            await connection.ExecuteAsync("DELETE FROM destinations WHERE id = @id", new { id }, transaction);
        for (int place = 0; place < destinations.Count; place++)
        {
            var d = Sealed(secrets, destinations[place]);
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
    public static async Task ChangeSecretAsync(DbTransaction transaction, SecretSeal secrets, string owner, string secret, DateTimeOffset oldUntil)
    {
        await secrets.ReadyAsync(transaction, SealedSql);
        string[] ids = [.. await transaction.Connection!.QueryAsync<string>("SELECT id FROM destinations WHERE owner = @owner", new { owner }, transaction)];
        foreach (string id in ids)
        {
            await transaction.Connection!.ExecuteAsync(
                "UPDATE destinations SET old_secret = secret, old_until_ms = @oldUntilMs, secret = @secret WHERE id = @id",
                new { id, secret = secrets.Seal(secret, id), oldUntilMs = oldUntil.ToUnixTimeMilliseconds() }, transaction);
        }
    }

    /// <summary>Removes an owner's destinations with all their deliveries.</summary>
    public static Task RemoveAsync(DbTransaction transaction, string owner) =>
        transaction.Connection!.ExecuteAsync("DELETE FROM destinations WHERE owner = @owner", new { owner }, transaction);

    private const string CannotOpen = "Its secret cannot be opened here. Whoever runs Weir must put back the key that it was sealed with; or make it anew.";

    private const string OneSealedSql = $"SELECT {Columns} FROM destinations WHERE secret LIKE 'sealed:%' ORDER BY id DESC LIMIT 1";

    private const string SealedSql = "SELECT COUNT(*) FROM destinations WHERE secret LIKE 'sealed:%' OR address LIKE 'sealed:%'";

    // Whoever has a chat's URL may write there.
    private static Destination Sealed(SecretSeal secrets, Destination d) => d with
    {
        Address = d.Kind == DestinationKind.Slack ? secrets.Seal(d.Address, d.Id) : d.Address,
        Secret = secrets.Seal(d.Secret, d.Id),
        OldSecret = secrets.Seal(d.OldSecret, d.Id),
        SigningKey = secrets.Seal(d.SigningKey, d.Id),
    };

    /// <summary>A destination of the store, with its secrets opened, or saying why they cannot be.</summary>
    internal static Destination Opened(SecretSeal secrets, Destination stored)
    {
        try
        {
            return stored with
            {
                Address = secrets.Open(stored.Address, stored.Id),
                Secret = secrets.Open(stored.Secret, stored.Id),
                OldSecret = secrets.Open(stored.OldSecret, stored.Id),
                SigningKey = secrets.Open(stored.SigningKey, stored.Id),
            };
        }
        catch (ControlException)
        {
            // Tenants read this; whoever runs the program is told more by its log.
            return stored with { Secret = "", OldSecret = "", SigningKey = "", Sealed = CannotOpen };
        }
    }

    private sealed record Row(string Id, string Kind, string Address, string Secret, long IsGone, string OldSecret, long OldUntilMs, string SigningKey)
    {
        public Destination ToDestination(SecretSeal secrets) => Opened(secrets, new(Id, DestinationKinds.Find(Kind)!.Value, Address, Secret, IsGone != 0)
        {
            OldSecret = OldSecret,
            OldUntil = DateTimeOffset.FromUnixTimeMilliseconds(OldUntilMs),
            SigningKey = SigningKey,
        });
    }
}
