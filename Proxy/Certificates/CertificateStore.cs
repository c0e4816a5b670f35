using Microsoft.Extensions.Logging;

namespace Weir.Proxy.Certificates;

/// <summary>The certificates of a folder, read again one by one when their files change. Safe from any thread:
/// finding one is a single read, loading and looking wait for each other.</summary>
/// <remarks>It polls, as the settings' reader does: file events get lost on network and container mounts. A change counts once two looks
/// in a row see the same, so that a certificate is not read between its own file and its key's.</remarks>
public sealed class CertificateStore(CertificateOptions options, EdgeMetrics metrics, TimeProvider time, ILogger<CertificateStore> log)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _looking = new();
    private readonly ExpiryWarnings _warnings = new(log);
    private CertificateTable _table = CertificateTable.Build([], default);
    private IReadOnlyList<SiteCertificate> _all = [];
    private bool _isFolderLost;

    /// <summary>Every certificate in use.</summary>
    internal IReadOnlyList<SiteCertificate> All => Volatile.Read(ref _all);

    /// <summary>How many certificates are in use.</summary>
    public int Count => All.Count;

    /// <summary>What is wrong in the folder now.</summary>
    public IReadOnlyList<CertificateProblem> Problems { get; private set; } = [];

    /// <summary>Reads the whole folder, before the first handshake.</summary>
    public void Load()
    {
        lock (_looking)
            LoadAlone();
    }

    /// <summary>Looks whether files have changed, and puts what changed in force, swapped whole.</summary>
    public void Look()
    {
        lock (_looking)
            LookAlone();
    }

    /// <summary>Whether a site's host has a certificate.</summary>
    public bool Covers(string siteHost) => Volatile.Read(ref _table).Covers(siteHost);

    /// <summary>The certificate to show a client: of the host that it names, else of the default host; null when there is none.</summary>
    internal SiteCertificate? Find(string? serverName)
    {
        // Pairs with the Volatile.Write in Publish: a finished table, one read for each handshake.
        var table = Volatile.Read(ref _table);
        return table.Find(serverName) ?? (options.DefaultHost is { } host ? table.Find(host) : null);
    }

    private void LoadAlone()
    {
        if (!TryList(out var found))
            return;
        var now = time.GetUtcNow();
        var read = new Entry[found.Count];
        Parallel.For(0, found.Count, i => read[i] = Entry.Read(found[i], now));
        for (int i = 0; i < read.Length; i++)
        {
            _entries[found[i].Certificate] = read[i];
            Tell(read[i].Problem);
        }
        Publish(now);
        if (options.DefaultHost is { } host && Find(null) is null)
            log.DefaultCertificateMissing(host, options.Folder!);
        log.CertificatesLoaded(_all.Count, options.Folder!);
    }

    private void LookAlone()
    {
        if (!TryList(out var found))
            return;
        var now = time.GetUtcNow();
        int accepted = 0, refused = 0;
        foreach (var files in found)
        {
            if (Look(files, now) is { } isAccepted)
            {
                accepted += isAccepted ? 1 : 0;
                refused += isAccepted ? 0 : 1;
            }
        }
        int removed = Remove(found);
        if (accepted + refused + removed > 0 || now >= _table.ChangesAt)
            Publish(now);
        else
            _warnings.Check(_all, now);
        if (accepted + removed > 0)
            log.CertificatesReloaded(accepted, removed, _all.Count, options.Folder!);
    }

    // True: in force. False: refused, and what was in force stays. Null: nothing new, or not settled yet.
    private bool? Look(in CertificateFiles files, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(files.Certificate, out var entry))
        {
            _entries.Add(files.Certificate, new Entry { Seen = files.Stamp });
            return null;
        }
        entry.IsMissing = false;
        if (entry.Done == files.Stamp)
            return null;
        if (entry.Seen != files.Stamp)
        {
            entry.Seen = files.Stamp;
            return null;
        }
        bool isAccepted = entry.Take(Entry.Read(files, now), now);
        Tell(entry.Problem);
        metrics.CertificateReloaded(isAccepted);
        return isAccepted;
    }

    private int Remove(List<CertificateFiles> found)
    {
        var present = found.Select(f => f.Certificate).ToHashSet(StringComparer.Ordinal);
        var gone = _entries.Where(e => !present.Contains(e.Key)).ToList();
        // A mount that went away looks like a folder whose owner removed everything. Serving on is the safer mistake.
        if (SetLost(gone.Count > 0 && gone.Count == _entries.Count, "it is empty"))
            return 0;
        int removed = 0;
        foreach (var (file, entry) in gone)
        {
            if (entry.IsMissing)
                removed += _entries.Remove(file) && entry.Certificate is not null ? 1 : 0;
            entry.IsMissing = true;
        }
        return removed;
    }

    private bool TryList(out List<CertificateFiles> found)
    {
        try
        {
            found = CertificateFolder.Read(options.Folder!);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            found = [];
            SetLost(true, e is DirectoryNotFoundException ? "it does not exist" : "it cannot be read");
            return false;
        }
    }

    private bool SetLost(bool isLost, string why)
    {
        if (isLost && !_isFolderLost)
            log.CertificateFolderLost(options.Folder!, why, _all.Count);
        return _isFolderLost = isLost;
    }

    private void Publish(DateTimeOffset now)
    {
        var all = _entries.Values.Select(e => e.Certificate).OfType<SiteCertificate>().ToList();
        // Publishes the finished table; pairs with the Volatile.Read in Find.
        Volatile.Write(ref _table, CertificateTable.Build(all, now));
        Volatile.Write(ref _all, all);
        Problems = [.. _entries.Values.Select(e => e.Problem).OfType<CertificateProblem>()];
        _warnings.Check(all, now);
    }

    private void Tell(CertificateProblem? problem)
    {
        if (problem is not null)
            log.CertificateRefused(problem.File, problem.What, problem.Mend);
    }

    // What is known of one certificate's files.
    private sealed class Entry
    {
        public FileStamps Seen { get; set; }

        public FileStamps Done { get; private set; }

        public SiteCertificate? Certificate { get; private set; }

        public CertificateProblem? Problem { get; private set; }

        public bool IsMissing { get; set; }

        public static Entry Read(in CertificateFiles files, DateTimeOffset now)
        {
            var (certificate, problem) = CertificateReader.Read(files, now);
            return new Entry { Seen = files.Stamp, Done = files.Stamp, Certificate = certificate, Problem = problem };
        }

        // What is in force stays when the new one is worse: nothing at all, or out of its time while the old one is not.
        public bool Take(Entry read, DateTimeOffset now)
        {
            (Done, Problem) = (read.Done, read.Problem);
            if (read.Certificate is null || (Certificate?.IsValidAt(now) == true && !read.Certificate.IsValidAt(now)))
                return false;
            Certificate = read.Certificate;
            return true;
        }
    }
}
