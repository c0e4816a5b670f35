using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Reporting;

namespace Weir.Accuracy.Sections;

/// <summary>Random addresses claim to be crawlers: none may be verified that the operator's list does not hold.</summary>
internal sealed class RandomAddressSection(Detector detector, PlainMembership membership, int addresses, int seed) : IReportSection
{
    private readonly Random _random = new(seed);

    public string Title => "Identity: random addresses";

    public string Key => "randomAddresses";

    public SectionContent Measure()
    {
        (Crawler Crawler, string UserAgent)[] claims = [.. detector.Catalog.Crawlers
            .Where(c => c.RangeLists.Count > 0 && c.Tokens.Count > 0)
            .Select(c => (c, $"Mozilla/5.0 (compatible; {c.Tokens[0]}/1.0)"))
            .Where(c => detector.Classify(new RequestFacts { TimeMs = 0, UserAgent = c.Item2 }).Crawler == c.c)];
        var anywhere = Count(claims, addresses, _ => AnyAddress());
        var atEdges = Count(claims, addresses / 10, AddressAtAnEdge);
        var table = new MarkdownTable("addresses", "asked", "inside the claimed crawler's list", "verified", "verified outside", "inside a crawler's own list, not verified");
        table.Add("anywhere, IPv4 and IPv6", addresses.Text(), anywhere.Inside.Text(), anywhere.Verified.Text(), anywhere.VerifiedOutside.Text(), anywhere.Missed.Text());
        table.Add("at the edges of the claimed list's prefixes", (addresses / 10).Text(), atEdges.Inside.Text(), atEdges.Verified.Text(), atEdges.VerifiedOutside.Text(), atEdges.Missed.Text());
        return new SectionContent(
            $"Each address claims one of {claims.Length} crawlers with a list of addresses; seed {seed}. What is inside is said by a second, plain "
            + "reader of the same files (one hash set a prefix length). Asked: 0 verified outside, 0 missed. Addresses in lists of whole "
            + $"networks are inside and rightly not verified.\n\n{table}",
            new JsonObject { ["seed"] = seed, ["crawlers"] = claims.Length, ["anywhere"] = Json(anywhere), ["atEdges"] = Json(atEdges) });
    }

    private Counts Count((Crawler Crawler, string UserAgent)[] claims, int number, Func<Crawler, ClientAddress> next)
    {
        // Lists judge a hit of their own time; far in the future would be another question.
        long timeMs = claims.SelectMany(c => c.Crawler.RangeLists).Max(l => l.PublishedAt).ToUnixTimeMilliseconds();
        int inside = 0, verified = 0, verifiedOutside = 0, missed = 0;
        for (int i = 0; i < number; i++)
        {
            var (crawler, userAgent) = claims[_random.Next(claims.Length)];
            var address = next(crawler);
            bool isVerified = detector.Classify(new RequestFacts { TimeMs = timeMs, UserAgent = userAgent, ClientAddress = address }).Identity == Identity.Verified;
            bool isInside = membership.IsInside(crawler, address);
            inside += isInside ? 1 : 0;
            verified += isVerified ? 1 : 0;
            verifiedOutside += isVerified && !isInside ? 1 : 0;
            missed += !isVerified && membership.MayVerify(crawler, address) ? 1 : 0;
        }
        return new Counts(number, inside, verified, verifiedOutside, missed);
    }

    private ClientAddress AnyAddress() => _random.Next(2) == 0
        ? ClientAddress.FromIPv4((uint)_random.NextInt64(1L << 32))
        : new ClientAddress(((UInt128)1 << 125) | (RandomBits() >> 3)); // 2000::/3, all that is given out

    // The first and last address of a prefix, their neighbours outside, or anything within.
    private ClientAddress AddressAtAnEdge(Crawler crawler)
    {
        var prefixes = membership.Of(crawler.RangeLists[_random.Next(crawler.RangeLists.Count)]).Prefixes;
        var (first, hostBits, isIPv4) = prefixes[_random.Next(prefixes.Count)];
        var number = _random.Next(5) switch
        {
            0 => first,
            1 => first + hostBits,
            2 => first - UInt128.One,
            3 => first + hostBits + UInt128.One,
            _ => first | (RandomBits() & hostBits),
        };
        return isIPv4 ? ClientAddress.FromIPv4((uint)number) : new ClientAddress(number);
    }

    private UInt128 RandomBits()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    private static JsonObject Json(Counts counts) => new()
    {
        ["asked"] = counts.Asked,
        ["inside"] = counts.Inside,
        ["verified"] = counts.Verified,
        ["verifiedOutside"] = counts.VerifiedOutside,
        ["missed"] = counts.Missed,
    };

    private sealed record Counts(int Asked, int Inside, int Verified, int VerifiedOutside, int Missed);
}
