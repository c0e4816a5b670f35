using System.Net.Quic;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Weir.Proxy.Certificates;

namespace Weir.Proxy.Connection;

/// <summary>Ends TLS on a listener: the certificate by the name that the client asks, HTTP/2 and HTTP/1.1 by ALPN.</summary>
internal sealed class TlsListener(CertificateStore certificates, TlsGreeting greeting, EdgeMetrics metrics)
{
    // A fatal alert 112, unrecognized_name (RFC 6066 section 3), as the record that tells a client why before any key is agreed.
    private static readonly byte[] UnrecognizedName = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70];

    /// <summary>Whether this machine has QUIC, which HTTP/3 runs on.</summary>
    public static bool HasQuic => (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()) && QuicListener.IsSupported;

    /// <summary>Adds TLS to a listener.</summary>
    /// <param name="listen">The listener.</param>
    /// <param name="offersHttp3">Whether HTTP/3 may be offered, where the machine has it; not behind a PROXY header, which comes by TCP alone.</param>
    public void Use(ListenOptions listen, bool offersHttp3)
    {
        listen.Use(greeting.Read);
        listen.Protocols = offersHttp3 && HasQuic ? HttpProtocols.Http1AndHttp2AndHttp3 : HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = SelectAsync });
    }

    private ValueTask<SslServerAuthenticationOptions> SelectAsync(TlsHandshakeCallbackContext handshake)
    {
        string? host = handshake.ClientHelloInfo.ServerName;
        if (certificates.Find(host) is not { } certificate)
            return RefuseAsync(handshake, isNamed: !string.IsNullOrEmpty(host));
        return ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            // A client that may renegotiate at will has the edge do its costliest work at will.
            AllowRenegotiation = false,
        });
    }

    private async ValueTask<SslServerAuthenticationOptions> RefuseAsync(TlsHandshakeCallbackContext handshake, bool isNamed)
    {
        metrics.TlsRefused(isNamed);
        // .NET would close without a word. Nothing was sent on the connection yet; one of QUIC has no stream to say it on.
        if (handshake.Connection is { } connection)
        {
            await connection.Transport.Output.WriteAsync(UnrecognizedName, handshake.CancellationToken);
        }
        throw new AuthenticationException("No certificate for the host that was asked.");
    }
}
