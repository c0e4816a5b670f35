using System.Text.Json;

namespace Weir.Detection.Identification.Signatures;

/// <summary>Keys read from a file, so that signatures can be judged without the network. Immutable.</summary>
/// <remarks>Either a JWK set, <c>{"keys":[…]}</c>, taken for the keys of whatever agent a request names; or one set an agent,
/// <c>{"https://chatgpt.com":{"keys":[…]}}</c>.</remarks>
public sealed class SigningKeyFile : ISigningKeys
{
    private readonly Dictionary<string, KeySet> _byAgent = new(StringComparer.Ordinal);
    private readonly KeySet? _ofAnyone;

    private SigningKeyFile(KeySet? ofAnyone) => _ofAnyone = ofAnyone;

    /// <summary>Reads a file's bytes. Never throws.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="error">What is wrong and what to write; null when nothing is.</param>
    public static SigningKeyFile? Read(ReadOnlyMemory<byte> json, out string? error)
    {
        error = "this is no JWK set. Write {\"keys\":[…]}, or {\"https://chatgpt.com\":{\"keys\":[…]}} with a set for each agent.";
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            var file = new SigningKeyFile(KeySet.TryRead(root, out var ofAnyone) ? ofAnyone : null);
            if (file._ofAnyone is null && !file.TryReadAgents(root, out error))
                return null;
            error = null;
            return file;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Covers(string agent) => _ofAnyone is not null || _byAgent.ContainsKey(agent);

    /// <inheritdoc/>
    public KeyState Find(string agent, string thumbprint, out SigningKey? key)
    {
        key = (_ofAnyone ?? _byAgent.GetValueOrDefault(agent))?.Find(thumbprint);
        return key is null ? KeyState.NotInDirectory : KeyState.Known;
    }

    private bool TryReadAgents(JsonElement root, out string? error)
    {
        foreach (var member in root.EnumerateObject())
        {
            if (!AgentName.TryParse(member.Name, out string? agent))
                error = $"'{member.Name}' is no agent. Write {AgentName.Rule}.";
            else if (!KeySet.TryRead(member.Value, out var keys))
                error = $"{agent} has no JWK set. Write {{\"keys\":[…]}} with at most {KeySet.MaxKeys} keys.";
            else
            {
                _byAgent[agent] = keys;
                continue;
            }
            return false;
        }
        error = _byAgent.Count == 0 ? "the file holds no key set. Write {\"keys\":[…]}." : null;
        return error is null;
    }
}
