using Microsoft.Extensions.Logging;

namespace Weir.Proxy.Certificates;

/// <summary>One source with what is known of each of its certificates. Not safe from several threads.</summary>
internal sealed class WatchedSource(ICertificateSource source, EdgeMetrics metrics, ILogger log)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private bool _isLost;
    private bool _isAway;

    /// <summary>What people call it.</summary>
    public string Name => source.Name;

    /// <summary>Its certificates in use.</summary>
    public IEnumerable<SiteCertificate> Certificates => _entries.Values.Select(e => e.Certificate).OfType<SiteCertificate>();

    /// <summary>What is wrong in it.</summary>
    public IEnumerable<CertificateProblem> Problems => _entries.Values.Select(e => e.Problem).OfType<CertificateProblem>();

    /// <summary>Reads everything, on all processors.</summary>
    public void Load(DateTimeOffset now)
    {
        if (TryList() is not { } listed)
            return;
        var read = new Entry?[listed.Count];
        Parallel.For(0, listed.Count, (i, loop) =>
        {
            if ((read[i] = TryRead(listed[i], now)) is null)
                loop.Stop();
        });
        for (int i = 0; i < read.Length; i++)
        {
            if (read[i] is not { } entry)
                continue;
            _entries[listed[i].Place] = entry;
            Tell(entry.Problem);
        }
        log.CertificatesLoaded(Certificates.Count(), Name);
    }

    /// <summary>Reads what has changed since the last look.</summary>
    /// <returns>Whether anything did.</returns>
    public bool Look(DateTimeOffset now)
    {
        if (TryList() is not { } listed)
            return false;
        int accepted = 0, refused = 0;
        _isAway = false;
        foreach (var one in listed)
        {
            if (_isAway)
                break;
            if (Look(one, now) is { } isAccepted)
            {
                accepted += isAccepted ? 1 : 0;
                refused += isAccepted ? 0 : 1;
            }
        }
        int removed = Remove(listed);
        if (accepted + removed > 0)
            log.CertificatesReloaded(accepted, removed, Certificates.Count(), Name);
        return accepted + refused + removed > 0;
    }

    // True: in force. False: refused, and what was in force stays. Null: nothing new, or not settled yet.
    private bool? Look(ListedCertificate listed, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(listed.Place, out var entry))
            _entries.Add(listed.Place, entry = new Entry());
        entry.IsMissing = false;
        if (listed.Equals(entry.Done))
            return null;
        if (source.HoldsFiles && !listed.Equals(entry.Seen))
        {
            entry.Seen = listed;
            return null;
        }
        if (TryRead(listed, now) is not { } read)
            return null;
        bool isAccepted = entry.Take(read, now);
        Tell(entry.Problem);
        metrics.CertificateReloaded(isAccepted);
        return isAccepted;
    }

    private int Remove(IReadOnlyList<ListedCertificate> listed)
    {
        var present = listed.Select(f => f.Place).ToHashSet(StringComparer.Ordinal);
        var gone = _entries.Where(e => !present.Contains(e.Key)).ToList();
        if (_isAway)
            return 0;
        if (SetLost(source.HoldsFiles && gone.Count > 0 && gone.Count == _entries.Count, "it is empty"))
            return 0;
        int removed = 0;
        foreach (var (place, entry) in gone)
        {
            if (entry.IsMissing || !source.HoldsFiles)
                removed += _entries.Remove(place) && entry.Certificate is not null ? 1 : 0;
            entry.IsMissing = true;
        }
        return removed;
    }

    private IReadOnlyList<ListedCertificate>? TryList()
    {
        try
        {
            return source.List();
        }
        catch (CertificateSourceException e)
        {
            SetLost(true, e.Message);
            return null;
        }
    }

    private bool SetLost(bool isLost, string why)
    {
        if (isLost && !_isLost)
            log.CertificateFolderLost(Name, why, Certificates.Count());
        return _isLost = isLost;
    }

    // Null when the source went away in between: then it is read at a later look.
    private Entry? TryRead(ListedCertificate listed, DateTimeOffset now)
    {
        try
        {
            var (certificate, problem) = source.Read(listed, now);
            return new Entry { Seen = listed, Done = listed, Certificate = certificate, Problem = problem };
        }
        catch (CertificateSourceException e)
        {
            lock (_entries)
                _isAway = SetLost(true, e.Message);
            return null;
        }
    }

    private void Tell(CertificateProblem? problem)
    {
        if (problem is { IsWarning: true })
            log.CertificateDoubtful(problem.Place, problem.What, problem.Mend);
        else if (problem is not null)
            log.CertificateRefused(problem.Place, problem.What, problem.Mend);
    }

    // What is known of one certificate.
    private sealed class Entry
    {
        public ListedCertificate? Seen { get; set; }

        public ListedCertificate? Done { get; set; }

        public SiteCertificate? Certificate { get; set; }

        public CertificateProblem? Problem { get; set; }

        public bool IsMissing { get; set; }

        // What is in force stays when the new one is worse: nothing at all, or out of its time while the old one is not.
        public bool Take(Entry read, DateTimeOffset now)
        {
            (Seen, Done, Problem) = (read.Seen, read.Done, read.Problem);
            if (read.Certificate is null || (Certificate?.IsValidAt(now) == true && !read.Certificate.IsValidAt(now)))
                return false;
            Certificate = read.Certificate;
            return true;
        }
    }
}
