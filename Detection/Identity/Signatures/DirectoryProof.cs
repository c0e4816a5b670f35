using System.Security.Cryptography;

namespace Weir.Detection.Identification.Signatures;

/// <summary>Checks the signatures that a directory's answer may carry by its own keys: that who holds the key wants it published here.</summary>
/// <remarks>The drafts recommend one a key, and let a verifier do without. So a key without a proof is as good as one with; one whose proof
/// is false was copied here by somebody else, and is left out.</remarks>
internal static class DirectoryProof
{
    private const string Tag = "http-message-signatures-directory";

    private static readonly TimeSpan ClockSkewMax = TimeSpan.FromMinutes(1);

    /// <summary>The thumbprints of keys whose proof is false.</summary>
    public static HashSet<string> FindFalse(string host, HttpResponseMessage response, ReadOnlySpan<byte> body, KeySet keys, DateTimeOffset now)
    {
        HashSet<string> isTrue = new(StringComparer.Ordinal), isFalse = new(StringComparer.Ordinal);
        var answer = new Answer(host, response);
        if (StructuredFieldReader.TryReadDictionary(answer.Field("signature-input"), out var inputs)
            && StructuredFieldReader.TryReadDictionary(answer.Field("signature"), out var signatures))
        {
            foreach (var (label, input) in inputs)
            {
                if (!IsProof(input, now) || keys.Find(input.Find("keyid", BareKind.String)?.Text ?? "") is not { } key)
                    continue;
                byte[]? signature = signatures.Find(s => s.Key == label).Item?.Value.Bytes;
                bool? proof = signature is null ? null : IsTrue(answer, input, body, key, signature);
                if (proof is { } known)
                    (known ? isTrue : isFalse).Add(key.Thumbprint);
            }
        }
        isFalse.ExceptWith(isTrue);
        return isFalse;
    }

    // One that is out of time proves nothing either way.
    private static bool IsProof(FieldItem input, DateTimeOffset now)
    {
        long nowSeconds = now.ToUnixTimeSeconds(), skew = (long)ClockSkewMax.TotalSeconds;
        return input.Find("tag", BareKind.String)?.Text == Tag
            && input.Find("created", BareKind.Integer) is { } created && created.Number <= nowSeconds + skew
            && input.Find("expires", BareKind.Integer) is { } expires && expires.Number >= nowSeconds - skew
            && input.Inner is { } covered && covered.Any(c => c.Value is { Kind: BareKind.String, Text: "@authority" } && c.Find("req") == BareItem.True);
    }

    private static bool? IsTrue(Answer answer, FieldItem input, ReadOnlySpan<byte> body, SigningKey key, byte[] signature)
    {
        if (SignatureBase.Build(answer, "https", input, isAnswer: true) is not { } signed)
            return null;
        bool coversDigest = input.Inner!.Any(c => c.Value is { Kind: BareKind.String, Text: "content-digest" });
        return key.IsTrue(signed, signature) && (!coversDigest || IsDigestOf(answer.Field("content-digest"), body));
    }

    private static bool IsDigestOf(string? field, ReadOnlySpan<byte> body)
    {
        if (!StructuredFieldReader.TryReadDictionary(field, out var digests))
            return false;
        int known = 0;
        foreach (var (algorithm, digest) in digests)
        {
            byte[]? own = algorithm == "sha-256" ? SHA256.HashData(body) : algorithm == "sha-512" ? SHA512.HashData(body) : null;
            if (own is null)
                continue;
            if (digest.Value.Bytes is not { } sent || !own.AsSpan().SequenceEqual(sent))
                return false;
            known++;
        }
        return known > 0;
    }

    private sealed class Answer(string host, HttpResponseMessage response) : ISignedRequest
    {
        public string Method => "GET";

        public string Scheme => "https";

        public string Authority => host;

        public string PathAndQuery => DirectoryFetch.WellKnownPath;

        public string? Field(string name) =>
            response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values)
                ? string.Join(", ", values) : null;
    }
}
