namespace Weir.Control;

/// <summary>Certificates with their private keys in the control store; the keys sealed. Safe from any thread.</summary>
/// <remarks>Every change takes the next version of one count, so that a poller looks at one row to know that nothing changed.</remarks>
public interface IStoredCertificates
{
    /// <summary>Changes when the key that opens private keys is put in place or replaced, so that what could not be opened is tried again.</summary>
    DateTime KeyStamp { get; }

    /// <summary>Version of the last change; 0 when there was none. One cheap look, for pollers.</summary>
    Task<long> VersionAsync(CancellationToken stop = default);

    /// <summary>All certificates by name, without their contents.</summary>
    Task<IReadOnlyList<CertificateEntry>> ListAsync(CancellationToken stop = default);

    /// <summary>One certificate, its key opened; null when there is none of that name.</summary>
    /// <exception cref="ControlException">The private key cannot be opened here.</exception>
    Task<StoredCertificate?> FindAsync(string name, CancellationToken stop = default);

    /// <summary>Adds a certificate, or puts it in the place of another of that name. The caller has checked that the two belong together.</summary>
    /// <param name="name">Its name; see <see cref="StoredCertificate.NameRule"/>.</param>
    /// <param name="chain">The certificate, then its chain, in PEM form, and nothing else: it is kept as it is.</param>
    /// <param name="key">Its private key in PEM form; sealed before it leaves this program.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <exception cref="ControlException">No such name, too long, or there is no key to seal with.</exception>
    Task<CertificateEntry> PutAsync(string name, string chain, string key, CancellationToken stop = default);

    /// <summary>Removes a certificate; false when there is none.</summary>
    Task<bool> RemoveAsync(string name, CancellationToken stop = default);
}
