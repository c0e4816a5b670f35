using System.Net;
using System.Net.Security;

namespace Weir.Detection.Identification.Signatures;

/// <summary>How directories are reached. Tests put a machine of their own behind it; no setting leads here.</summary>
internal sealed record DirectoryNetwork
{
    /// <summary>All addresses of a name.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Opens a connection to an address that was found to be public.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = GuardedConnect.OpenAsync;

    /// <summary>Judges the server's certificate; null for the system's own judgement.</summary>
    public RemoteCertificateValidationCallback? IsCertificateTrusted { get; init; }
}
