namespace Weir.Detection.Identification.Signatures;

/// <summary>Whether a key can be had by now.</summary>
public enum KeyState : byte
{
    /// <summary>Here it is.</summary>
    Known = 0,

    /// <summary>The agent's keys are being fetched.</summary>
    UnderWay = 1,

    /// <summary>The agent's directory is here and does not hold the key.</summary>
    NotInDirectory = 2,

    /// <summary>The directory cannot be had.</summary>
    Unavailable = 3,
}

/// <summary>Knows agents' public keys. Safe from any thread.</summary>
/// <remarks>Keys are asked for by agent and thumbprint together: a key that one agent publishes says nothing under another's name.</remarks>
public interface ISigningKeys
{
    /// <summary>Whether this agent's keys are looked for at all.</summary>
    /// <param name="agent">As <see cref="AgentName.TryParse"/> gives it.</param>
    bool Covers(string agent);

    /// <summary>Finds a key. Never waits and never throws; what is missing is fetched in the background.</summary>
    /// <param name="agent">As <see cref="AgentName.TryParse"/> gives it.</param>
    /// <param name="thumbprint">JWK thumbprint (RFC 7638) by SHA-256 in base64url.</param>
    /// <param name="key">The key when it is known.</param>
    KeyState Find(string agent, string thumbprint, out SigningKey? key);
}
