using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Weir.Detection.Identification.Signatures;

/// <summary>The Ed25519 keys of a JWK set, by thumbprint. Immutable.</summary>
/// <remarks>Keys of other types and for other uses are passed over. <c>nbf</c> and <c>exp</c>, which some directories write in seconds and
/// some in milliseconds, are not read: an operator ends a key by taking it out.</remarks>
internal sealed class KeySet
{
    /// <summary>The largest document read, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The most keys of one agent. Rotation needs two; a set with more than this is refused whole.</summary>
    public const int MaxKeys = 32;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    private readonly FrozenDictionary<string, SigningKey> _keys;

    private KeySet(Dictionary<string, SigningKey> keys) => _keys = keys.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Finds a key by thumbprint.</summary>
    public SigningKey? Find(string thumbprint) => _keys.GetValueOrDefault(thumbprint);

    /// <summary>This set without some keys, and without one more.</summary>
    public KeySet Without(IReadOnlySet<string> thumbprints, string thumbprint) =>
        new(_keys.Where(k => !thumbprints.Contains(k.Key) && k.Key != thumbprint).ToDictionary(StringComparer.Ordinal));

    /// <summary>Reads a document; hostile bytes. Never throws.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out KeySet? keys)
    {
        keys = null;
        try
        {
            if (json.Length > MaxBytes)
                return false;
            using var document = JsonDocument.Parse(json, Options);
            return TryRead(document.RootElement, out keys);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false; // not JSON, or a text in it is not UTF-8
        }
    }

    /// <summary>Reads a set that stands in a document. Throws for texts that are not UTF-8.</summary>
    public static bool TryRead(JsonElement root, [NotNullWhen(true)] out KeySet? keys)
    {
        keys = null;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() > MaxKeys)
            return false;
        Dictionary<string, SigningKey> read = new(StringComparer.Ordinal);
        foreach (var entry in list.EnumerateArray())
        {
            if (entry.ValueKind == JsonValueKind.Object && IsForSigning(entry) && SigningKey.TryRead(Text(entry, "x"), out var key))
                read[key.Thumbprint] = key;
        }
        keys = new KeySet(read);
        return true;
    }

    private static bool IsForSigning(JsonElement key) =>
        Text(key, "kty") == "OKP" && Text(key, "crv") == "Ed25519" && (Text(key, "use") ?? "sig") == "sig"
        && (Text(key, "alg") is not { } algorithm || algorithm.Equals("ed25519", StringComparison.OrdinalIgnoreCase) || algorithm == "EdDSA");

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
