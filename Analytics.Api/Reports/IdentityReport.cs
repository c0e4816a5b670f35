using System.Globalization;
using System.Net;
using ClickHouse.Driver.ADO.Parameters;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Where requests came from that only say they are a crawler.</summary>
/// <param name="Crawler">Id of the crawler that they claim.</param>
/// <param name="Name">Its name as its operator writes it.</param>
/// <param name="Network">Network prefix, /24 of IPv4 and /48 of IPv6; null where the site stores no networks.</param>
/// <param name="Asn">Number of that network's autonomous system; null when unknown.</param>
/// <param name="Country">Two letters of ISO 3166; null when unknown or more than one.</param>
/// <param name="Hits">Spoofed hits.</param>
/// <param name="Clients">Different addresses, as stored; an estimate above some 65,000.</param>
/// <param name="ShareOfClaims">These hits' share, 0 to 1, of all hits of the span that claim this crawler.</param>
/// <param name="FirstSeen">The first in the span.</param>
/// <param name="LastSeen">The last in the span.</param>
public sealed record SpoofedSource(
    string Crawler, string Name, string? Network, long? Asn, string? Country, long Hits, long Clients, double ShareOfClaims,
    DateTimeOffset? FirstSeen, DateTimeOffset? LastSeen);

/// <summary>Lists <see cref="SpoofedSource"/>s, most hits first.</summary>
internal sealed class IdentityReport(ReportStore store, AmendmentsReport amendments, CrawlerCatalog catalog)
{
    // One pass: what is not spoofed is one group of its crawler, so that the window over a crawler's groups knows all of its claims.
    private static readonly VerdictQuery Sql = new(v => $$"""
        WITH {{v.Judged}}, sources AS
        (
            SELECT toString(crawler) AS name, identity = 'spoofed' AS is_spoofed,
                   if(is_spoofed, IPv6CIDRToRange(client_address, toUInt8(if(client_address >= toIPv6('::ffff:0.0.0.0') AND client_address <= toIPv6('::ffff:255.255.255.255'), 120, 48))).1,
                      toIPv6('::')) AS network,
                   if(is_spoofed, asn, 0) AS as_number,
                   count() AS source_hits, uniqIf(client_address, is_spoofed) AS clients, if(uniqExact(country) = 1, toString(any(country)), '') AS place,
                   toUnixTimestamp64Milli(min(time)) AS first_seen, toUnixTimestamp64Milli(max(time)) AS last_seen
            FROM judged
            WHERE crawler != '' AND ({crawler:String} = '' OR crawler = {crawler:String})
            GROUP BY name, is_spoofed, network, as_number
        ),
        shares AS (SELECT *, sum(source_hits) OVER (PARTITION BY name) AS claims, concat(name, ' ', toString(network), ' ', toString(as_number)) AS key FROM sources)
        SELECT name, network, as_number, place, source_hits, toUInt64(clients), toUInt64(claims), first_seen, last_seen, key
        FROM shares
        WHERE is_spoofed AND (source_hits < {afterHits:UInt64} OR (source_hits = {afterHits:UInt64} AND key > {afterKey:String}))
        ORDER BY source_hits DESC, key
        LIMIT {limit:UInt32}
        {{ReportStore.Limits}}
        """);

    public async Task<Page<SpoofedSource>> ReadAsync(
        SiteId site, TimeRange range, string verdict, string crawler, CountPosition? after, int limit, CancellationToken stop)
    {
        var amended = await amendments.ReadAsync(site, range, verdict, stop);
        var parameters = new ClickHouseParameterCollection()
            .With("site", site.Value).With(range).With("verdict", verdict).With(amended)
            .With("crawler", crawler)
            .With("afterHits", after?.Count ?? long.MaxValue)
            .With("afterKey", after?.Key ?? "")
            .With("limit", limit + 1);
        var rows = await store.ReadAsync(Sql.For(amended), parameters, r => (Source: Row(r), Key: r.GetString(9)), stop);
        var page = CountPage.Of(rows, limit, r => new CountPosition(r.Source.Hits, r.Key, range.FromMs, range.ToMs));
        return new Page<SpoofedSource>([.. page.Items.Select(r => r.Source)], page.Next);
    }

    private SpoofedSource Row(ClickHouseDataReader r)
    {
        string crawler = r.GetString(0);
        return new SpoofedSource(
            crawler, catalog.NameOf(crawler), NetworkOf(r.GetIPAddress(1)), r.GetUInt32(2) is var asn and not 0 ? asn : null, r.TextOrNull(3),
            r.Count(4), r.Count(5), Math.Round((double)r.Count(4) / r.Count(6), 6), r.Time(7), r.Time(8));
    }

    // Hashed addresses say nothing of networks.
    private static string? NetworkOf(IPAddress stored)
    {
        var address = ClientAddress.From(stored);
        return AddressForms.IsHash(address) || AddressForms.Text(address, AddressForm.Truncated) is not { Length: > 0 } network ? null
            : network.ToString(CultureInfo.InvariantCulture);
    }
}
