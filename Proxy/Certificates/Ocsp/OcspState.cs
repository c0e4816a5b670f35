namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>What a certificate's authority says of it.</summary>
internal enum OcspState : byte
{
    /// <summary>The certificate names no responder, or its issuer is not at hand: nobody is asked.</summary>
    NotAsked = 0,

    /// <summary>It holds.</summary>
    Good = 1,

    /// <summary>It was taken back: clients that look will refuse it.</summary>
    Revoked = 2,

    /// <summary>The responder does not know it.</summary>
    Unknown = 3,

    /// <summary>No answer that can be believed was had, or the last one has run out.</summary>
    Unreachable = 4,
}
