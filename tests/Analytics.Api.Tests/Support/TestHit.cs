using System.Net;

namespace Weir.Analytics.Api.Tests.Support;

/// <summary>A row of <c>hits</c> with defaults of a person's plain request.</summary>
public sealed record TestHit(string Site, DateTimeOffset Time)
{
    private static ulong _ids = 0x1000_0000_0000_0000;

    public ulong HitId { get; init; } = Interlocked.Increment(ref _ids);
    public string Address { get; init; } = "198.51.100.1";
    public string Path { get; init; } = "/";
    public int Status { get; init; } = 200;
    public string UserAgent { get; init; } = "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0";
    public string Kind { get; init; } = "likely-human";
    public string Crawler { get; init; } = "";
    public string Operator { get; init; } = "";
    public string Purpose { get; init; } = "none";
    public string Identity { get; init; } = "not-claimed";
    public string Method { get; init; } = "none";
    public string RangeList { get; init; } = "";
    public string ReferralClass { get; init; } = "none";
    public string ReferralSource { get; init; } = "";
    public string PolicyRule { get; init; } = "";
    public string PolicyAction { get; init; } = "none";
    public string DryRunRule { get; init; } = "";
    public string DryRunAction { get; init; } = "none";
    public string Country { get; init; } = "";
    public uint Asn { get; init; }
    public uint EdgeUs { get; init; }

    public static string[] Columns { get; } =
    [
        "time", "site", "hit_id", "source", "client_address", "method", "host", "path", "query", "http_version", "status", "bytes_sent",
        "duration_us", "user_agent", "referrer", "error", "kind", "crawler", "operator", "purpose", "identity", "identity_method",
        "range_list", "score", "confidence", "reasons", "referral_class", "referral_source", "policy_rule", "policy_action",
        "dry_run_rule", "dry_run_action", "country", "asn", "edge_us",
    ];

    public TestHit By(string crawler, string operatorName, string purpose, string identity) => this with
    {
        Kind = "crawler",
        Crawler = crawler,
        Operator = operatorName,
        Purpose = purpose,
        Identity = identity,
        Method = identity is "verified" or "spoofed" ? "range" : "none",
        RangeList = identity is "verified" or "spoofed" ? $"{crawler}@2026-06-01" : "",
        UserAgent = $"Mozilla/5.0 (compatible; {crawler}/1.0)",
    };

    public TestHit GptBot(string identity = "verified") => By("gptbot", "OpenAI", "ai-training", identity);

    public TestHit Googlebot(string identity = "verified") => By("googlebot", "Google", "search", identity);

    public TestHit Library() => this with { Kind = "automation", UserAgent = "python-requests/2.32" };

    public TestHit From(string source, string referralClass) => this with { ReferralSource = source, ReferralClass = referralClass };

    public object[] Row() =>
    [
        Time.UtcDateTime, Site, HitId, "edge", IPAddress.Parse(Address).MapToIPv6(), "GET", $"{Site}.test", Path, "", (byte)11, (ushort)Status, 512UL,
        1500U, UserAgent, "", "", Kind, Crawler, Operator, Purpose, Identity, Method,
        RangeList, (byte)(Kind == "likely-human" ? 5 : 95), 0.9f, 1UL, ReferralClass, ReferralSource, PolicyRule, PolicyAction,
        DryRunRule, DryRunAction, Country, Asn, EdgeUs,
    ];
}
