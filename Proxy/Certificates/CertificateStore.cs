using Microsoft.Extensions.Logging;
using Weir.Control;

namespace Weir.Proxy.Certificates;

/// <summary>The certificates of all sources, read again one by one when they change. Safe from any thread: finding one is a single read,
/// loading and looking wait for each other.</summary>
/// <remarks>It polls, as the settings' reader does: file events get lost on network and container mounts.</remarks>
public sealed class CertificateStore
{
    private readonly CertificateOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly List<WatchedSource> _sources;
    private readonly Lock _looking = new();
    private readonly ExpiryWarnings _warnings;
    private CertificateTable _table = CertificateTable.Build([], default);
    private IReadOnlyList<SiteCertificate> _all = [];

    /// <summary>A store of the certificates in the folder of the options, and of those in the control store where there is one. The folder's is
    /// shown of two that end at the same time.</summary>
    public CertificateStore(
        CertificateOptions options, EdgeMetrics metrics, TimeProvider time, ILogger<CertificateStore> log, IStoredCertificates? stored = null)
        : this(options, SourcesOf(options, stored, time), metrics, time, log)
    {
    }

    /// <summary>A store of what several sources hold. Of two certificates for one name the better is shown, wherever it comes from.</summary>
    internal CertificateStore(
        CertificateOptions options, IEnumerable<ICertificateSource> sources, EdgeMetrics metrics, TimeProvider time, ILogger<CertificateStore> log)
    {
        (_options, _time, _log) = (options, time, log);
        _sources = [.. sources.Select(s => new WatchedSource(s, metrics, log))];
        _warnings = new ExpiryWarnings(log);
    }

    /// <summary>Every certificate in use.</summary>
    internal IReadOnlyList<SiteCertificate> All => Volatile.Read(ref _all);

    /// <summary>How many certificates are in use.</summary>
    public int Count => All.Count;

    /// <summary>What is wrong in the sources now.</summary>
    public IReadOnlyList<CertificateProblem> Problems { get; private set; } = [];

    /// <summary>Names that more than one certificate is for; the first of many.</summary>
    public IReadOnlyList<CertificateDouble> Doubles => Volatile.Read(ref _table).Doubles;

    /// <summary>Reads everything, before the first handshake.</summary>
    public void Load()
    {
        lock (_looking)
        {
            var now = _time.GetUtcNow();
            foreach (var source in _sources)
                source.Load(now);
            Publish(now);
            if (_options.DefaultHost is { } host && Find(null) is null)
                _log.DefaultCertificateMissing(host, string.Join(", ", _sources.Select(s => s.Name)));
        }
    }

    /// <summary>Looks what has changed, and puts that in force, swapped whole.</summary>
    public void Look()
    {
        lock (_looking)
        {
            var now = _time.GetUtcNow();
            bool isChanged = false;
            foreach (var source in _sources)
                isChanged |= source.Look(now);
            if (isChanged || now >= _table.ChangesAt)
                Publish(now);
            else
                _warnings.Check(_all, now);
        }
    }

    /// <summary>Whether a site's host has a certificate.</summary>
    public bool Covers(string siteHost) => Volatile.Read(ref _table).Covers(siteHost);

    /// <summary>From when to when the certificate of a host holds; null when there is none.</summary>
    public (DateTimeOffset NotBefore, DateTimeOffset NotAfter)? LifeOf(string host) =>
        Volatile.Read(ref _table).Find(host) is { } found ? (found.NotBefore, found.NotAfter) : null;

    /// <summary>The certificate to show a client: of the host that it names, else of the default host; null when there is none.</summary>
    internal SiteCertificate? Find(string? serverName)
    {
        // Pairs with the Volatile.Write in Publish: a finished table, one read for each handshake.
        var table = Volatile.Read(ref _table);
        return table.Find(serverName) ?? (_options.DefaultHost is { } host ? table.Find(host) : null);
    }

    private static IEnumerable<ICertificateSource> SourcesOf(CertificateOptions options, IStoredCertificates? stored, TimeProvider time)
    {
        if (options.Folder is { } folder)
            yield return new CertificateFolder(folder);
        if (stored is not null)
            yield return new StoredCertificateSource(stored, time);
    }

    private void Publish(DateTimeOffset now)
    {
        var all = _sources.SelectMany(s => s.Certificates).ToList();
        var before = _table.Doubles;
        // Publishes the finished table; pairs with the Volatile.Read in Find.
        Volatile.Write(ref _table, CertificateTable.Build(all, now));
        foreach (var one in _table.Doubles.Except(before))
            _log.CertificateDouble(one.Name, one.Shown, one.Other);
        Volatile.Write(ref _all, all);
        Problems = [.. _sources.SelectMany(s => s.Problems)];
        _warnings.Check(all, now);
    }
}
