using System.Buffers.Binary;
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

    /// <summary>What of addresses is stored.</summary>
    public AddressForm Addresses { get; set; }

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
            HitId = IdOf(Addresses == AddressForm.Full ? XxHash3.HashToUInt64(line, _siteHash) : HashWithoutAddress(read), read.TimeMs, timeline),
            Source = HitSource.Import,
            ClientAddress = read.ClientAddress,
            AddressForm = Addresses,
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
    private static ulong IdOf(ulong hash, long timeMs, LogTimeline timeline)
    {
        uint before = timeline.CountBefore(hash, timeMs);
        return before == 0 ? hash : hash + (before * 0x9E3779B97F4A7C15);
    }

    // A hash of the whole line would tell who tries all addresses which one it was. What else the line says is stored anyway.
    private ulong HashWithoutAddress(in LogLine read)
    {
        var hash = new XxHash3(_siteHash);
        // Eight bytes of time and of size, four of duration, two of status, one of version, sixteen of what is stored of the address.
        Span<byte> numbers = stackalloc byte[39];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, read.TimeMs);
        BinaryPrimitives.WriteUInt64LittleEndian(numbers[8..], read.BytesSent);
        BinaryPrimitives.WriteUInt32LittleEndian(numbers[16..], read.DurationUs);
        BinaryPrimitives.WriteUInt16LittleEndian(numbers[20..], read.Status);
        numbers[22] = read.HttpVersion;
        BinaryPrimitives.WriteUInt128LittleEndian(numbers[23..], Addresses == AddressForm.Truncated ? AddressForms.Truncate(read.ClientAddress).Value : default);
        hash.Append(numbers);
        Append(hash, read.Method);
        Append(hash, read.Host);
        Append(hash, read.Path);
        Append(hash, read.Query);
        Append(hash, read.UserAgent);
        Append(hash, read.Referrer);
        return hash.GetCurrentHashAsUInt64();
    }

    private static void Append(XxHash3 hash, ReadOnlySpan<byte> text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        hash.Append(length);
        hash.Append(text);
    }
}
