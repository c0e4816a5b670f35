using Microsoft.AspNetCore.Server.Kestrel.Https;
using Weir.Detection;

namespace Weir.Proxy.Connection;

/// <summary>Reads each client's TLS greeting once, before the handshake, and leaves what it shows on the connection.</summary>
internal static class TlsGreeting
{
    /// <summary>Makes a TLS listener keep the greeting's facts for <see cref="ConnectionFacts.Read"/>. The gate must stand behind TLS.</summary>
    /// <remarks>Kestrel hands over the first TLS record. A greeting that a client cut over several is not seen, and then nothing is held
    /// against anybody.</remarks>
    public static void Keep(HttpsConnectionAdapterOptions https) => https.TlsClientHelloBytesCallback = static (connection, bytes) =>
    {
        if (TlsFacts.Read(bytes) is { } facts)
            connection.Features.Set(facts);
    };
}
