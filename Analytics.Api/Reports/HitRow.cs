using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using ClickHouse.Driver.ADO.Readers;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;

namespace Weir.Analytics.Api.Reports;

/// <summary>One hit as the API shows it. Method, host, path, query, user agent and referrer are the client's own words: hostile text.</summary>
public sealed record HitRow
{
    /// <summary>When the request arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>16 hex digits; the same as in the log and in the client's error page.</summary>
    public required string RequestId { get; init; }

    /// <summary><c>edge</c> or <c>import</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Who asked; null when unknown.</summary>
    public string? ClientAddress { get; init; }

    /// <summary>Request method.</summary>
    public required string Method { get; init; }

    /// <summary>Host asked for.</summary>
    public required string Host { get; init; }

    /// <summary>Path asked for.</summary>
    public required string Path { get; init; }

    /// <summary>Query without its question mark; null when there was none.</summary>
    public string? Query { get; init; }

    /// <summary>Response status; 0 when the client left before one.</summary>
    public required int Status { get; init; }

    /// <summary>Response body bytes sent.</summary>
    public required long BytesSent { get; init; }

    /// <summary>From arrival to the response's end, in milliseconds; null when unknown.</summary>
    public double? DurationMs { get; init; }

    /// <summary>What of that the edge took for itself, without the origin; null when unknown.</summary>
    public double? EdgeMs { get; init; }

    /// <summary>Two letters of ISO 3166; null when unknown.</summary>
    public string? Country { get; init; }

    /// <summary>Number of the client's network (autonomous system); null when unknown.</summary>
    public long? Asn { get; init; }

    /// <summary>User-Agent header as sent; null when none was.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Referer header as sent; null when none was.</summary>
    public string? Referrer { get; init; }

    /// <summary>What went wrong between edge and origin; null when nothing did.</summary>
    public string? Error { get; init; }

    /// <summary><c>crawler</c>, <c>automation</c>, <c>likely-human</c> or <c>unknown</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id of the crawler that the request says it is; null when it claims none.</summary>
    public string? Crawler { get; init; }

    /// <summary>That crawler's name as its operator writes it.</summary>
    public string? CrawlerName { get; init; }

    /// <summary>Who runs that crawler.</summary>
    public string? Operator { get; init; }

    /// <summary>Why that crawler fetches; null without a claim.</summary>
    public string? Purpose { get; init; }

    /// <summary><c>verified</c>, <c>spoofed</c>, <c>unverifiable</c>, <c>pending</c> or <c>not-claimed</c>.</summary>
    public required string Identity { get; init; }

    /// <summary>How the claim was checked: <c>range</c>, <c>reverse-dns</c> or <c>signature</c>; null when it was not.</summary>
    public string? IdentityMethod { get; init; }

    /// <summary>The range list and version that judged the claim; null when none did.</summary>
    public string? RangeList { get; init; }

    /// <summary>How automated, 0 (a person) to 100 (a program).</summary>
    public required int Score { get; init; }

    /// <summary>How sure, 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>What shaped the verdict, by stored name, such as <c>crawler-token</c>.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>The same in sentences for people.</summary>
    public required IReadOnlyList<string> Why { get; init; }

    /// <summary>What sort of page sent a person here: <c>ai</c>, <c>search</c>, <c>social</c>, <c>other</c>; null for none.</summary>
    public string? ReferralClass { get; init; }

    /// <summary>The engine or network that sent them; null for none.</summary>
    public string? ReferralSource { get; init; }

    /// <summary>What changed the verdict since the hit was stored: <c>late-identity</c> (found out afterwards) or <c>reclassified</c> (by a run of
    /// <c>weir reclassify</c>); null where it stands as given.</summary>
    public string? AmendedBy { get; init; }

    /// <summary>The same without what may tell who the visitor is: address, query and the page before. For share links.</summary>
    internal HitRow WithoutVisitor() => this with { ClientAddress = null, Query = null, Referrer = null };

    [JsonIgnore]
    internal ReasonSet ReasonSet { get; init; }

    [JsonIgnore]
    internal ulong HitId { get; init; }

    [JsonIgnore]
    internal long InsertedMs { get; init; }
}

/// <summary>Reads <see cref="HitRow"/>s; the list of hits and the live stream share it.</summary>
internal sealed class HitRows(CrawlerCatalog catalog)
{
    /// <summary>Columns in the order in which <see cref="Read"/> takes them.</summary>
    public const string Columns = """
        toUnixTimestamp64Milli(time), hit_id, toString(source), client_address, method, host, path, query, status, bytes_sent, duration_us,
                user_agent, referrer, error, toString(kind), crawler, operator, toString(purpose), toString(identity),
                toString(identity_method), range_list, score, confidence, reasons, toString(referral_class), referral_source,
                toUnixTimestamp64Milli(inserted_at), country, asn, edge_us, toUInt8(address_form)
        """;

    public HitRow Read(ClickHouseDataReader r)
    {
        string? crawler = r.TextOrNull(15);
        return Explain(new HitRow
        {
            Time = DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(0)),
            HitId = r.GetUInt64(1),
            RequestId = r.GetUInt64(1).ToString("x16", CultureInfo.InvariantCulture),
            Source = r.GetString(2),
            ClientAddress = Address(r.GetIPAddress(3), (AddressForm)r.GetByte(30)),
            Method = r.GetString(4),
            Host = r.GetString(5),
            Path = r.GetString(6),
            Query = r.TextOrNull(7),
            Status = r.GetUInt16(8),
            BytesSent = r.Count(9),
            DurationMs = r.GetUInt32(10) is var us and not 0 ? us / 1000.0 : null,
            UserAgent = r.TextOrNull(11),
            Referrer = r.TextOrNull(12),
            Error = r.TextOrNull(13),
            Kind = r.GetString(14),
            Crawler = crawler,
            CrawlerName = NameOf(crawler),
            Operator = r.TextOrNull(16),
            Purpose = None(r.GetString(17)),
            Identity = r.GetString(18),
            IdentityMethod = None(r.GetString(19)),
            RangeList = r.TextOrNull(20),
            Score = r.GetByte(21),
            Confidence = Math.Round(r.GetFloat(22), 3),
            Reasons = [],
            Why = [],
            ReferralClass = None(r.GetString(24)),
            ReferralSource = r.TextOrNull(25),
            InsertedMs = r.GetInt64(26),
            Country = r.TextOrNull(27),
            Asn = r.GetUInt32(28) is var asn and not 0 ? asn : null,
            EdgeMs = r.GetUInt32(29) is var edgeUs and not 0 ? edgeUs / 1000.0 : null,
            ReasonSet = new ReasonSet(r.GetUInt64(23)),
        });
    }

    /// <summary>A hit with the verdict that it reads as.</summary>
    public HitRow Amend(HitRow row, AmendedHit amended) => Explain(amended.IsByRun
        ? row with
        {
            AmendedBy = "reclassified",
            Kind = amended.Kind,
            Crawler = amended.Crawler,
            CrawlerName = NameOf(amended.Crawler),
            Operator = amended.Operator,
            Purpose = None(amended.Purpose),
            Identity = amended.Identity.ToName(),
            IdentityMethod = None(amended.Method.ToName()),
            RangeList = amended.RangeList,
            Score = amended.Score,
            Confidence = Math.Round(amended.Confidence, 3),
            ReasonSet = amended.Reasons,
            ReferralClass = None(amended.ReferralClass),
            ReferralSource = amended.ReferralSource,
        }
        : Settle(row, amended));

    private static HitRow Settle(HitRow row, AmendedHit amended)
    {
        var reasons = LateIdentity.Reasons(row.ReasonSet, amended.Identity, amended.Method);
        return row with
        {
            AmendedBy = "late-identity",
            Identity = amended.Identity.ToName(),
            IdentityMethod = None(amended.Method.ToName()),
            RangeList = amended.Identity == Identity.Verified ? null : row.RangeList,
            Confidence = Math.Round(LateIdentity.Confidence(row.ReasonSet, (byte)row.Score, amended.Identity, reasons), 3),
            ReasonSet = reasons,
        };
    }

    private string? NameOf(string? crawler) => crawler is null ? null : catalog.NameOf(crawler);

    private HitRow Explain(HitRow row)
    {
        var reasons = row.ReasonSet;
        // What the sentences need of a verdict: the names in them are the catalog's, never the client's.
        var verdict = new Verdict { Crawler = row.Crawler is null ? null : catalog.Find(row.Crawler), RangeList = row.RangeList };
        var names = new List<string>(reasons.Count);
        var sentences = new List<string>(reasons.Count);
        foreach (var reason in reasons)
        {
            names.Add(reason.ToName());
            sentences.Add(ReasonText.For(reason, verdict));
        }
        return row with { Reasons = names, Why = sentences };
    }

    private static string? None(string value) => value is "none" ? null : value;

    private static string? Address(IPAddress stored, AddressForm form) =>
        AddressForms.Text(ClientAddress.From(stored), form) is { Length: > 0 } text ? text : null;
}
