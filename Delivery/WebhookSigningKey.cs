using System.Globalization;
using System.Text;
using NSec.Cryptography;

namespace Weir.Delivery;

/// <summary>What webhooks are signed with for receivers that hold a public key (Standard Webhooks: asymmetric, version 1a, Ed25519). Pure; safe from any thread.</summary>
/// <remarks>Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md: base64 behind <c>whsk_</c> (private) and <c>whpk_</c> (public).</remarks>
public static class WebhookSigningKey
{
    private const string Prefix = "whsk_", PublicPrefix = "whpk_";
    private static readonly SignatureAlgorithm Ed25519 = SignatureAlgorithm.Ed25519;

    /// <summary>A new private key.</summary>
    public static string New()
    {
        using var key = Key.Create(Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return Prefix + Convert.ToBase64String(key.Export(KeyBlobFormat.RawPrivateKey));
    }

    /// <summary>The public half of a private key, in the form <c>whpk_…</c>.</summary>
    public static string PublicOf(string signingKey)
    {
        using var key = Open(signingKey);
        return PublicPrefix + Convert.ToBase64String(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>A value of <c>webhook-signature</c>; parameters as <see cref="WebhookSecret.Sign"/> has them.</summary>
    public static string Sign(string signingKey, string id, long seconds, ReadOnlySpan<byte> body)
    {
        using var key = Open(signingKey);
        byte[] head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{seconds}."));
        return $"v1a,{Convert.ToBase64String(Ed25519.Sign(key, [.. head, .. body]))}";
    }

    private static Key Open(string signingKey) => Key.Import(Ed25519, Convert.FromBase64String(signingKey[Prefix.Length..]), KeyBlobFormat.RawPrivateKey);
}
