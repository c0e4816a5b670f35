using Weir.Control;

namespace Weir.Proxy.Certificates;

/// <summary>A certificate of the control store as listed.</summary>
/// <param name="Place">Where it is, for people.</param>
/// <param name="Row">Its name in the store.</param>
/// <param name="Version">Version of its last change.</param>
/// <param name="KeyStamp">When the key that opens it was put in place.</param>
internal sealed record ListedRow(string Place, string Row, long Version, DateTime KeyStamp) : ListedCertificate(Place);

/// <summary>The certificates of the control store. A look asks for one number, and lists only when that has changed.</summary>
internal sealed class StoredCertificateSource(IStoredCertificates stored, TimeProvider time) : ICertificateSource
{
    // Looks at the folder wait for this one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private IReadOnlyList<ListedRow> _listed = [];
    private (long Version, DateTime KeyStamp) _known = (-1, default);

    /// <inheritdoc/>
    public string Name => "the control store";

    /// <inheritdoc/>
    public bool HoldsFiles => false;

    /// <inheritdoc/>
    public IReadOnlyList<ListedCertificate> List()
    {
        // The version before the rows: what changes between the two is listed again rather than missed.
        var now = (Ask(stored.VersionAsync), stored.KeyStamp);
        if (now != _known)
        {
            _listed = [.. Ask(stored.ListAsync).Select(e => new ListedRow($"{e.Name} of {Name}", e.Name, e.Version, now.KeyStamp))];
            _known = now;
        }
        return _listed;
    }

    /// <inheritdoc/>
    public (SiteCertificate? Certificate, CertificateProblem? Problem) Read(ListedCertificate listed, DateTimeOffset now)
    {
        var row = (ListedRow)listed;
        try
        {
            return Ask(stop => stored.FindAsync(row.Row, stop)) is { } found
                ? CertificateReader.Read(row.Place, found.Chain, row.Place, found.Key, now)
                : (null, new(row.Place, "It was removed while it was read.", "Nothing needs to be done."));
        }
        catch (ControlException e)
        {
            return (null, new(row.Place, "It cannot be used.", $"{char.ToUpperInvariant(e.Message[0])}{e.Message[1..]}"));
        }
    }

    // Looks are synchronous, on a thread of their own. Against a driver that does not heed its token.
    private T Ask<T>(Func<CancellationToken, Task<T>> question)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return Task.Run(() => question(patience.Token), patience.Token).WaitAsync(patience.Token).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not ControlException)
        {
            // Whatever a driver throws, what was read before stays.
            throw new CertificateSourceException(e is OperationCanceledException ? $"it did not answer within {Patience.TotalSeconds:0} s" : e.Message.TrimEnd('.'), e);
        }
    }
}
