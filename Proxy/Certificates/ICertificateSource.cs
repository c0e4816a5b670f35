namespace Weir.Proxy.Certificates;

/// <summary>Where certificates come from. <see cref="CertificateStore"/> asks a source what it lists, again and again, and reads alone what
/// has changed. Called by one thread at a time, off the way of requests.</summary>
internal interface ICertificateSource
{
    /// <summary>What people call it: a folder's path, "the control store".</summary>
    string Name { get; }

    /// <summary>Whether it holds files. These may be seen half changed, so that a change counts once two looks in a row see the same; and a
    /// mount that went away looks like an empty folder, so that losing everything at once changes nothing.</summary>
    bool HoldsFiles { get; }

    /// <summary>Everything that the source holds. Cheap: reads no certificate.</summary>
    /// <exception cref="CertificateSourceException">It cannot be asked; what it gave before stays in use.</exception>
    IReadOnlyList<ListedCertificate> List();

    /// <summary>Reads one of its certificates. Safe from several threads at once.</summary>
    /// <returns>A certificate that is out of its time comes with its problem; else it is one of the two.</returns>
    /// <exception cref="CertificateSourceException">It cannot be asked; the certificate is read at a later look, and what it was before stays in use.</exception>
    (SiteCertificate? Certificate, CertificateProblem? Problem) Read(ListedCertificate listed, DateTimeOffset now);
}

/// <summary>One certificate as its source lists it. Two of one place are equal as long as nothing was changed.</summary>
/// <param name="Place">Where it is, for people and as its key within the source: a file's path, a row's name.</param>
internal abstract record ListedCertificate(string Place);

/// <summary>A source cannot be asked now.</summary>
/// <param name="why">A clause that follows "cannot be used:".</param>
/// <param name="inner">What caused it.</param>
internal sealed class CertificateSourceException(string why, Exception? inner = null) : Exception(why, inner);
