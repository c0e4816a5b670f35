using Weir.Detection;
using Weir.Detection.Catalog;

namespace Weir.Ingest.Tests;

/// <summary>Hits to test with.</summary>
internal static class Hits
{
    public static readonly SiteId Site = SiteId.Parse("example.com");
    public const long Noon = 1_767_614_400_000;  // 2026-01-05 12:00 UTC

    private static readonly Verdict Pending = new()
    {
        Kind = VerdictKind.Crawler,
        Crawler = new Crawler { Id = "googlebot", Name = "Googlebot", Operator = "Google", Purpose = Purpose.Search },
        Identity = Identity.Pending,
    };

    /// <summary>The same, each fifth from a crawler that is still being asked about.</summary>
    public static Hit WithPending(int number) => number % 5 == 0 ? Number(number) with { Verdict = Pending } : Number(number);

    public static Hit Number(int number) => new()
    {
        TimeMs = Noon + (number * 37L),
        Site = Site,
        HitId = (ulong)number + 1,
        Source = HitSource.Edge,
        ClientAddress = ClientAddress.FromIPv4(0x0A000000 + (uint)(number % 500)),
        Method = "GET",
        Host = "example.com",
        Path = $"/page/{number % 97}",
        Query = "",
        HttpVersion = 11,
        Status = (ushort)(number % 10 == 0 ? 404 : 200),
        BytesSent = (ulong)number,
        DurationUs = 1200,
        UserAgent = "Mozilla/5.0",
        Referrer = "",
        Error = "",
        Verdict = new Verdict { Kind = number % 3 == 0 ? VerdictKind.Crawler : VerdictKind.LikelyHuman, Score = 5, Confidence = 0.5f },
    };
}
