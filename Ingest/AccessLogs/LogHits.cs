using System.IO.Hashing;
using System.Text;
using Weir.Detection;
using Weir.Detection.Places;

namespace Weir.Ingest.AccessLogs;

/// <summary>Turns lines of a log into classified hits of one site. For one thread at a time.</summary>
internal sealed class LogHits
{
    private readonly SiteId _site;
    private readonly Detector _detector;
    private readonly long _siteHash;
    private readonly TextCache _texts = new();

    public LogHits(SiteId site, Detector detector)
    {
        (_site, _detector) = (site, detector);
        _siteHash = (long)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(site.Value));
    }

    /// <summary>Where addresses are.</summary>
    public PlaceTable Places { get; set; } = PlaceTable.Empty;

    /// <summary>The hit that a line stands for, classified as of its own time.</summary>
    /// <param name="line">The line's bytes, which its id is made of.</param>
    /// <param name="read">What they say.</param>
    /// <param name="timeline">The log's.</param>
    public Hit HitOf(ReadOnlySpan<byte> line, in LogLine read, LogTimeline timeline)
    {
        string host = _texts.Get(read.Host).ToLowerInvariant(), path = _texts.Get(read.Path), query = _texts.Get(read.Query);
        string method = _texts.Get(read.Method), userAgent = _texts.Get(read.UserAgent), referrer = _texts.Get(read.Referrer);
        var verdict = _detector.Classify(new RequestFacts
        {
            TimeMs = read.TimeMs,
            ClientAddress = read.ClientAddress,
            Method = method,
            Host = host,
            Path = path,
            Query = query,
            UserAgent = userAgent,
            Referrer = referrer,
        });
        _detector.Complete(new RequestOutcome
        {
            TimeMs = read.TimeMs,
            ClientAddress = read.ClientAddress,
            Path = path,
            Host = host,
            Status = read.Status,
            HasReferrer = referrer.Length > 0,
            DurationMs = read.DurationUs / 1000,
        });
        var place = Places.Find(read.ClientAddress);
        return new Hit
        {
            TimeMs = read.TimeMs,
            Site = _site,
            HitId = IdOf(line, read.TimeMs, timeline),
            Source = HitSource.Import,
            ClientAddress = read.ClientAddress,
            Method = method,
            Host = host,
            Path = path,
            Query = query,
            HttpVersion = read.HttpVersion,
            Status = read.Status,
            BytesSent = read.BytesSent,
            DurationUs = read.DurationUs,
            Country = place.Country,
            Asn = place.Asn,
            UserAgent = userAgent,
            Referrer = referrer,
            Error = "",
            Verdict = verdict,
        };
    }

    // The same line has the same id in every import, whatever it is packed in and stands beside; a second equal line has another.
    private ulong IdOf(ReadOnlySpan<byte> line, long timeMs, LogTimeline timeline)
    {
        ulong hash = XxHash3.HashToUInt64(line, _siteHash);
        uint before = timeline.CountBefore(hash, timeMs);
        return before == 0 ? hash : hash + (before * 0x9E3779B97F4A7C15);
    }
}
