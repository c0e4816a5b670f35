namespace Weir.Detection.Identification;

/// <summary>What checking a Web Bot Auth signature gave.</summary>
public enum SignatureOutcome : byte
{
    /// <summary>No signature that could be judged: none with the tag, not readable, or its keys cannot be had. Proves nothing.</summary>
    None = 0,

    /// <summary>The signature is true, in time, for this authority, and not seen before.</summary>
    Valid = 1,

    /// <summary>The signature is false, out of time, for another authority, or was used before.</summary>
    Invalid = 2,

    /// <summary>The signer's keys are being fetched; a later request finds the answer.</summary>
    KeyUnderWay = 3,
}

/// <summary>A signature's outcome and who it says signed.</summary>
/// <param name="Outcome">What checking gave.</param>
/// <param name="Agent">The signature agent's origin such as <c>https://chatgpt.com</c>; null with <see cref="SignatureOutcome.None"/>.</param>
public readonly record struct SignatureAnswer(SignatureOutcome Outcome, string? Agent);

/// <summary>Checks Web Bot Auth signatures (RFC 9421, tag <c>web-bot-auth</c>). Safe from any thread.</summary>
public interface ISignatureCheck
{
    /// <summary>Checks one request that carries a signature. Never waits for the network and never throws.</summary>
    SignatureAnswer Check(ISignedRequest request, long timeMs);
}

/// <summary>The parts of a request that a signature may cover. All of them are hostile text.</summary>
public interface ISignedRequest
{
    /// <summary>Request method.</summary>
    string Method { get; }

    /// <summary><c>http</c> or <c>https</c>, as the client asked.</summary>
    string Scheme { get; }

    /// <summary>The Host header or <c>:authority</c>, as sent.</summary>
    string Authority { get; }

    /// <summary>Path and query, as sent.</summary>
    string PathAndQuery { get; }

    /// <summary>The values of a header joined by a comma and a blank (RFC 9421 §2.1); null when it was not sent.</summary>
    string? Field(string name);
}
