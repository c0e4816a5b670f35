using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NSec.Cryptography;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;

namespace Weir.Tests.IdentityOf.Signatures;

/// <summary>A request as a test writes it.</summary>
internal sealed record SignedRequest : ISignedRequest
{
    public string Method { get; init; } = "GET";

    public string Scheme { get; init; } = "https";

    public string Authority { get; init; } = "shop.example";

    public string PathAndQuery { get; init; } = "/";

    public Dictionary<string, string> Fields { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    public string? Field(string name) => Fields.GetValueOrDefault(name);

    public SignedRequest With(string name, string value) =>
        this with { Fields = new Dictionary<string, string>(Fields, StringComparer.OrdinalIgnoreCase) { [name] = value } };
}

/// <summary>Signs requests by writing signature bases as plain text, line by line, without the code under test.</summary>
internal sealed class Signer : IDisposable
{
    private readonly NSec.Cryptography.Key _key = NSec.Cryptography.Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });

    public string X => Base64Url.EncodeToString(_key.Export(KeyBlobFormat.RawPublicKey));

    /// <summary>Both halves, for signers that are not ours.</summary>
    public JsonNode PrivateJwk => new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = X, ["d"] = Base64Url.EncodeToString(_key.Export(KeyBlobFormat.RawPrivateKey)) };

    public SigningKey Key => SigningKey.TryRead(X, out var key) ? key : throw new InvalidOperationException();

    public string Jwk => $$"""{"kty":"OKP","crv":"Ed25519","x":"{{X}}"}""";

    public string Sign(string text) => Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(_key, Encoding.ASCII.GetBytes(text)));

    /// <summary>A request that covers authority and agent, as the draft asks.</summary>
    public SignedRequest Request(DateTimeOffset created, string agent = "https://chatgpt.com", string authority = "shop.example", string? nonce = "n1",
        TimeSpan? life = null, string tag = "web-bot-auth", string? keyId = null)
    {
        long at = created.ToUnixTimeSeconds();
        string parameters = string.Create(CultureInfo.InvariantCulture,
            $"(\"@authority\" \"signature-agent\";key=\"sig1\");created={at};expires={at + (long)(life ?? TimeSpan.FromMinutes(5)).TotalSeconds};keyid=\"{keyId ?? Key.Thumbprint}\"{(nonce is null ? "" : $";nonce=\"{nonce}\"")};tag=\"{tag}\"");
        return Request(parameters, $"\"@authority\": {authority}\n\"signature-agent\";key=\"sig1\": \"{agent}\"", $"sig1=\"{agent}\"", authority);
    }

    /// <summary>A request with parameters and base lines of the test's own.</summary>
    public SignedRequest Request(string parameters, string lines, string agentField, string authority = "shop.example") => new()
    {
        Authority = authority,
        Fields = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Signature-Agent"] = agentField,
            ["Signature-Input"] = $"sig1={parameters}",
            ["Signature"] = $"sig1=:{Sign($"{lines}\n\"@signature-params\": {parameters}")}:",
        },
    };

    public void Dispose() => _key.Dispose();
}

/// <summary>Keys that are simply there.</summary>
internal sealed class KnownKeys : ISigningKeys
{
    private readonly Dictionary<string, SigningKey[]> _keys = new(StringComparer.Ordinal);

    /// <summary>What is answered for an agent that has none.</summary>
    public KeyState Otherwise { get; init; } = KeyState.Unavailable;

    public KnownKeys With(string agent, params SigningKey[] keys)
    {
        _keys[agent] = keys;
        return this;
    }

    public bool Covers(string agent) => _keys.ContainsKey(agent);

    public KeyState Find(string agent, string thumbprint, out SigningKey? key)
    {
        key = _keys.TryGetValue(agent, out var keys) ? Array.Find(keys, k => k.Thumbprint == thumbprint) : null;
        return key is not null ? KeyState.Known : keys is { Length: > 0 } ? KeyState.NotInDirectory : Otherwise;
    }
}
