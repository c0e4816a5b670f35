using System.Data.Common;
using Dapper;

namespace Weir.Control;

/// <summary>Seals secrets that stand in the store as texts, with the key that seals certificates' private keys. What is not sealed yet is read as it stands. Safe from any
/// thread and between programs.</summary>
/// <param name="key">The key; null in programs that name none, which write no secrets but in tests of other things, and leave them as they are.</param>
public sealed class SecretSeal(CertificateKeyFile? key)
{
    /// <summary>How a sealed text begins; SQL asks for it too.</summary>
    public const string Prefix = "sealed:";

    /// <summary>Whether a stored text is sealed.</summary>
    public static bool IsSealed(string text) => text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Makes ready to seal: the key is made where there is none, unless the store holds what another one sealed.</summary>
    /// <param name="transaction">Whoever writes.</param>
    /// <param name="sealedSql">Counts what is sealed in the writer's table.</param>
    /// <exception cref="ControlException">The key file is missing, or cannot be written.</exception>
    public async Task ReadyAsync(DbTransaction transaction, string sealedSql)
    {
        if (key is null || File.Exists(key.Path))
            return;
        long others = await transaction.Connection!.ExecuteScalarAsync<long>(sealedSql, transaction: transaction)
            + await transaction.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM certificates", transaction: transaction);
        if (others > 0)
        {
            // A new key beside what it does not open would hide that theirs is missing.
            throw new ControlException($"There is no key file {key.Path}, and the store holds {others} secrets that were sealed with one. " +
                "Copy it here (it belongs with your backups), or name its place in control.certificateKeyFile.");
        }
        key.Ensure();
    }

    /// <summary>A secret as it is stored; an empty one stays empty. <see cref="ReadyAsync"/> goes before.</summary>
    /// <param name="secret">The secret, or what is sealed already.</param>
    /// <param name="about">The row that it belongs to.</param>
    /// <exception cref="ControlException">The key file is not there, or holds no key.</exception>
    public string Seal(string secret, string about) => secret.Length == 0 || key is null || IsSealed(secret) ? secret
        : Prefix + Convert.ToBase64String(key.Seal($"the secret of {about}", about, secret));

    /// <summary>A stored secret, opened.</summary>
    /// <param name="stored">As it is stored.</param>
    /// <param name="about">The row that it belongs to.</param>
    /// <exception cref="ControlException">The key is missing or another one, or the text was changed.</exception>
    public string Open(string stored, string about)
    {
        if (!IsSealed(stored))
            return stored;
        string what = $"the secret of {about}";
        byte[] whole = new byte[stored.Length];
        if (key is null || !Convert.TryFromBase64Chars(stored.AsSpan(Prefix.Length), whole, out int length))
            throw new ControlException($"{what} cannot be opened: {(key is null ? "this program has no key" : "it was changed")}. Name the key in control.certificateKeyFile, or make it anew.");
        return key.Open(what, about, whole[..length], "make it anew");
    }
}
