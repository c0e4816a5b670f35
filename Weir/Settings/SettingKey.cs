namespace Weir.Settings;

/// <summary>What a setting takes.</summary>
internal enum KeyKind
{
    Text,
    Integer,
    Number,
    Boolean,
    Switch,
    Texts,
    Object,
    Objects,
    TextsOrObjects,
    BooleanOrObject,
}

/// <summary>One setting that exists: its name, what it takes and what it holds. The reader, the environment, the schema's test and the
/// reference's test all go by these.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Members">Settings inside it.</param>
internal sealed record SettingKey(string Name, KeyKind Kind, IReadOnlyList<SettingKey> Members)
{
    // Before Root, which holds it: fields are made in the order written.
    private static readonly SettingKey[] Rule =
    [
        Text("name"), Text("action"), Text("mode"), Texts("crawlers"), Texts("operators"), Texts("purposes"), Texts("identities"), Texts("kinds"),
        Texts("referrals"), Texts("countries"), Integer("scoreMin"), Integer("scoreMax"), Texts("paths"), Texts("methods"), Integer("requests"), Integer("seconds"),
        Text("per"), Text("price"), Text("contact"),
    ];

    private static readonly SettingKey[] SiteKeys =
    [
        Text("id"), Texts("hosts"), TextsOrObjects("origins", Text("url"), Integer("weight")), Boolean("passHost"), Text("forwarded"), Texts("honeypotPaths"), Integer("bodyBytesMax"),
        Boolean("redirectToHttps"), Object("hsts", Integer("maxAgeSeconds"), Boolean("includeSubDomains"), Boolean("preload")), Boolean("acmeToOrigin"),
        Object("robots",
            Text("mode"), Objects("rules", Texts("purposes"), Texts("crawlers"), Texts("allow"), Texts("disallow")), Texts("contentSignals"),
            Texts("sitemaps"), Texts("tail"), Integer("refreshMinutes")),
        Switch("trap"), Object("beacon", Text("mode"), Boolean("cookies")),
        Object("limit", Integer("requests"), Integer("seconds"), Text("mode"), Text("contact")),
        Object("health", Text("path"), Text("host"), Integer("intervalSeconds"), Integer("timeoutSeconds"), Text("status"), Integer("healthyAfter"),
            Integer("unhealthyAfter"), Boolean("gatewayErrors"), Boolean("timeouts"), Integer("failuresMax")),
        Boolean("sticky"), Object("timeouts", Integer("firstByteSeconds"), Integer("idleSeconds")), Boolean("privateOrigins"), Text("originCa"),
        Object("rewrite", Text("host"), Text("stripPrefix"), Text("addPrefix")),
        BooleanOrObject("maintenance", Text("message"), Integer("retryAfterSeconds"), Texts("allow")),
        Objects("policy", Rule),
        Object("cache",
            Text("for"), Integer("generation"), Integer("entryBytesMax"), Boolean("heuristics"), Boolean("statusHeader"), Boolean("heedRequests"),
            Integer("staleIfErrorSeconds"), Objects("crawlers", Texts("paths"), Integer("seconds"))),
        Object("privacy", Text("addresses"), Integer("retentionDays"), Integer("countsDays"), Boolean("pageTexts")),
    ];

    /// <summary>One site alone, as a site file or the control store holds it: an entry of <c>sites</c>.</summary>
    public static readonly SettingKey Site = Object("", [Text("$schema"), .. SiteKeys]);

    /// <summary>A list of rules alone, as <c>weir policy test</c> reads it.</summary>
    public static readonly SettingKey PolicyFile = Object("", Text("$schema"), Objects("policy", Rule));

    /// <summary>Every setting.</summary>
    public static readonly SettingKey Root = Object("",
        Text("$schema"),
        Texts("listen"),
        Text("api"),
        Text("metrics"),
        Text("data"),
        Objects("sites", SiteKeys),
        Text("sitesFolder"),
        Object("certificates",
            Text("folder"), Text("challengeFolder"), Text("defaultHost"), Boolean("privateOcsp")),
        Texts("trustedProxies"),
        Text("forwardedHeader"),
        Object("limits",
            Integer("connectionsMax"), Integer("headerBytesMax"), Integer("headersMax"), Integer("requestLineBytesMax"), Integer("bodyBytesMax"),
            Integer("headersSeconds"), Integer("keepAliveSeconds"), Integer("originConnectSeconds"), Integer("originIdleSeconds"),
            Integer("shutdownSeconds"), Integer("originRequestsMax"), Boolean("shedCrawlers"), Integer("cacheBytesMax")),
        Object("clickhouse",
            Text("url"), Objects("shards", Texts("urls")), Text("user"), Text("password"), Text("passwordFile"), Text("database")),
        Object("control",
            Text("url"), Text("password"), Text("passwordFile"), Boolean("tls"), Text("certificateKeyFile")),
        Object("geo",
            Text("countryFile"), Text("asnFile"), Boolean("bundled")),
        Object("redis",
            Texts("hosts"), Text("user"), Text("password"), Text("passwordFile"), Boolean("tls"), Integer("database"), Text("keyPrefix")),
        Object("delivery",
            Boolean("privateTargets"), Boolean("http")),
        Object("smtp",
            Text("host"), Integer("port"), Text("security"), Text("user"), Text("password"), Text("passwordFile"), Text("from"), Text("authorityFile")),
        Object("worker",
            Text("api"), Text("key"), Text("keyFile"), Text("name"), Integer("leaseSeconds"), Integer("answerMinutes"), Integer("drainSeconds"),
            Objects("engines",
                Text("engine"), Text("url"), Text("model"), Text("key"), Text("keyFile"), Text("instructions"), Integer("timeoutSeconds"), Integer("concurrencyMax"),
                Integer("answerBytesMax")),
            Objects("brands", Text("brand"), Texts("names"), Texts("hosts"))),
        Object("oidc",
            Text("authority"), Text("clientId"), Text("clientSecret"), Text("clientSecretFile"), Text("publicUrl"), Boolean("trustEmails")),
        Object("audit",
            Integer("retentionDays")),
        Object("scheduling",
            Integer("retentionDays"), Integer("resultsDays")),
        Object("identity",
            Texts("signatureAgents"), Boolean("anySignatureAgent"), Boolean("reverseDns"), Texts("dnsServers")),
        Object("ranges",
            Integer("refreshHours")),
        Object("detection",
            Text("behaviour")),
        Object("content",
            Number("sample"), Integer("queueMax")),
        Object("ingest",
            Text("edge"), Integer("channelCapacity"), Integer("batchRows"), Integer("flushMilliseconds"), Integer("drainSeconds"),
            Integer("spoolBytesMax")));

    /// <summary>Finds a member by name, in any case when asked so.</summary>
    public SettingKey? Find(string name, bool ignoresCase = false) =>
        Members.FirstOrDefault(m => string.Equals(m.Name, name, ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));

    /// <summary>The paths of this and all below, list items as <c>[]</c>.</summary>
    public IEnumerable<string> Paths(string above = "")
    {
        string here = above.Length == 0 ? Name : $"{above}.{Name}";
        if (here.Length > 0)
            yield return here;
        string inside = Kind is KeyKind.Objects or KeyKind.TextsOrObjects ? here + "[]" : here;
        foreach (string path in Members.SelectMany(m => m.Paths(inside)))
            yield return path;
    }

    private static SettingKey Text(string name) => new(name, KeyKind.Text, []);

    private static SettingKey Integer(string name) => new(name, KeyKind.Integer, []);

    private static SettingKey Number(string name) => new(name, KeyKind.Number, []);

    private static SettingKey Boolean(string name) => new(name, KeyKind.Boolean, []);

    private static SettingKey Switch(string name) => new(name, KeyKind.Switch, []);

    private static SettingKey Texts(string name) => new(name, KeyKind.Texts, []);

    private static SettingKey Object(string name, params SettingKey[] members) => new(name, KeyKind.Object, members);

    private static SettingKey Objects(string name, params SettingKey[] members) => new(name, KeyKind.Objects, members);

    private static SettingKey TextsOrObjects(string name, params SettingKey[] members) => new(name, KeyKind.TextsOrObjects, members);

    private static SettingKey BooleanOrObject(string name, params SettingKey[] members) => new(name, KeyKind.BooleanOrObject, members);
}
