using System.Net;
using Weir.Detection.Identification;
using Weir.Detection.Identification.Signatures;
using Weir.Detection.Signals;
using Weir.Ingest;
using Weir.Proxy;
using Weir.Proxy.Connection;

namespace Weir.Settings;

/// <summary>Turns checked nodes into settings, and finds what is wrong with their meaning.</summary>
internal static class SettingsBinder
{
    private static readonly WeirSettings Defaults = new();

    /// <summary>Reads every setting.</summary>
    /// <param name="root">The tree after overrides.</param>
    /// <param name="folder">Folder of the file: relative paths written there are relative to it.</param>
    public static WeirSettings Bind(Section root, string folder)
    {
        var listen = ListenBinder.Bind(root, Defaults.Listen);
        var around = new SiteSurroundings(listen, IsBehindProxies: root.Has("trustedProxies")) { Folder = folder };
        var sites = SiteBinder.Bind(root, around);
        return new WeirSettings
        {
            Listen = listen,
            Metrics = root.Text("metrics") is { } metrics ? ListenBinder.Metrics(metrics) : null,
            Api = root.Text("api") is { } api ? ListenBinder.Api(api) ?? Defaults.Api : Defaults.Api,
            Data = root.Text("data") is { } data ? PathOf(data, folder) : Defaults.Data,
            PlacedSites = sites,
            SitesFolder = root.Text("sitesFolder") is { Value.Length: > 0 } sitesFolder ? PathOf(sitesFolder, folder) : null,
            Surroundings = around,
            Warnings = root.Errors.Warnings,
            Places = GeoBinder.Bind(root.Object("geo"), sites.Select(s => s.Site), given => PathOf(given, folder)),
            Certificates = CertificateBinder.Bind(root, given => PathOf(given, folder)),
            ControlKeyFile = CertificateBinder.KeyFile(root.Object("control"), given => PathOf(given, folder)),
            TrustedProxies = [.. root.Texts("trustedProxies").Select(Prefix).OfType<IPNetwork>()],
            ForwardedHeader = Header(root.Text("forwardedHeader")),
            Limits = Limits(root.Object("limits")),
            ClickHouse = ClickHouseBinder.Bind(root.Object("clickhouse"), folder),
            SharedControl = ControlBinder.Bind(root.Object("control"), folder),
            SharedLimits = RedisBinder.Bind(root.Object("redis"), folder),
            Delivery = DeliveryBinder.Bind(root, folder, given => PathOf(given, folder)),
            Worker = WorkerBinder.Bind(root.Object("worker"), folder),
            Oidc = OidcBinder.Bind(root.Object("oidc"), folder),
            AuditLife = root.Object("audit").Integer("retentionDays", 1, 36_500) is { } days ? TimeSpan.FromDays(days) : Defaults.AuditLife,
            Scheduling = SchedulingBinder.Bind(root.Object("scheduling")),
            Signatures = Signatures(root.Object("identity")),
            Behaviour = Behaviour(root.Object("detection").Text("behaviour")),
            ReverseDns = ReverseDns(root.Object("identity")),
            RangeRefresh = root.Object("ranges").Integer("refreshHours", 0, 168) switch
            {
                null => Defaults.RangeRefresh,
                0 => null,
                { } hours => TimeSpan.FromHours(hours),
            },
            ContentSample = root.Object("content").Number("sample", 0, 1, Defaults.ContentSample),
            ContentQueueMax = root.Object("content").Integer("queueMax", 1, 10_000, Defaults.ContentQueueMax),
            Ingest = Ingest(root.Object("ingest")),
        };
    }

    /// <summary>Reads one prefix or one address.</summary>
    public static IPNetwork? Prefix(Given given)
    {
        string text = given.Value.Trim();
        // .NET clears bits behind the length without a word; 10.0.0.1/8 may have been meant as one address.
        if (IPNetwork.TryParse(text, out var prefix) && IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/')), out var first)
            && prefix.BaseAddress.Equals(first))
            return prefix;
        if (IPAddress.TryParse(text, out var address) && (text.Contains(':') || text.Count(c => c == '.') == 3))
            return new IPNetwork(address, address.GetAddressBytes().Length * 8);
        given.Refuse($"'{given.Value}' is not a prefix.", MendPrefix(text));
        return null;
    }

    private static string MendPrefix(string text)
    {
        // 10.0.0.1/8 is the usual slip: an address inside the prefix instead of its first.
        if (text.Split('/') is [var host, var bits] && IPAddress.TryParse(host, out var address) && int.TryParse(bits, out int length)
            && length >= 0 && length <= address.GetAddressBytes().Length * 8)
        {
            byte[] bytes = address.GetAddressBytes();
            for (int i = length; i < bytes.Length * 8; i++)
                bytes[i / 8] &= (byte)~(0x80 >> (i % 8));
            return $"Write {new IPAddress(bytes)}/{length} if you mean the whole prefix, or {host} for the one address.";
        }
        return "Write an address and a length, such as 203.0.113.0/24.";
    }

    private static ForwardedHeader Header(Given? given)
    {
        switch (given?.Value.ToLowerInvariant())
        {
            case null or "x-forwarded-for":
                return ForwardedHeader.XForwardedFor;
            case "forwarded":
                return ForwardedHeader.Forwarded;
            default:
                given.Value.Refuse($"'{given.Value.Value}' is no header that is read.", "Write X-Forwarded-For or Forwarded.");
                return default;
        }
    }

    private static BehaviourPreset Behaviour(Given? given)
    {
        switch (given?.Value.ToLowerInvariant())
        {
            case null or "weir":
                return BehaviourPreset.Weir;
            case "baseline":
                return BehaviourPreset.Baseline;
            default:
                given.Value.Refuse($"'{given.Value.Value}' is no rule of behaviour.", "Write weir or baseline.");
                return default;
        }
    }

    private static EdgeLimits Limits(Section limits)
    {
        var otherwise = Defaults.Limits;
        return new EdgeLimits
        {
            ConnectionsMax = limits.Integer("connectionsMax", 1, 1_000_000, otherwise.ConnectionsMax),
            HeaderBytesMax = limits.Integer("headerBytesMax", 4096, 1 << 20, otherwise.HeaderBytesMax),
            HeadersMax = limits.Integer("headersMax", 20, 10_000, otherwise.HeadersMax),
            RequestLineBytesMax = limits.Integer("requestLineBytesMax", 1024, 1 << 20, otherwise.RequestLineBytesMax),
            BodyBytesMax = limits.Integer("bodyBytesMax", 0, long.MaxValue),
            HeadersTimeout = limits.Seconds("headersSeconds", 3600, otherwise.HeadersTimeout),
            KeepAliveTimeout = limits.Seconds("keepAliveSeconds", 86_400, otherwise.KeepAliveTimeout),
            OriginConnectTimeout = limits.Seconds("originConnectSeconds", 3600, otherwise.OriginConnectTimeout),
            OriginIdleTimeout = limits.Seconds("originIdleSeconds", 86_400, otherwise.OriginIdleTimeout),
            ShutdownTimeout = limits.Seconds("shutdownSeconds", 3600, otherwise.ShutdownTimeout),
            OriginRequestsMax = limits.Integer("originRequestsMax", 1, 1_000_000, otherwise.OriginRequestsMax),
            ShedCrawlers = limits.Boolean("shedCrawlers", otherwise.ShedCrawlers),
            CacheBytesMax = limits.Integer("cacheBytesMax", CacheBinder.StoreBytesMin, 1L << 40) ?? otherwise.CacheBytesMax,
        };
    }

    /// <summary>Reads a section's password, or the file that holds it.</summary>
    /// <param name="section">The section.</param>
    /// <param name="folder">Folder of the settings file.</param>
    /// <param name="name">The setting; the file's has <c>File</c> behind it.</param>
    public static string Password(Section section, string folder, string name = "password")
    {
        if (section.Text(name + "File") is not { } file)
            return section.Text(name)?.Value ?? "";
        if (section.Text(name) is not null)
            file.Refuse($"Both {name} and {name}File are given.", "Keep one of them.");
        try
        {
            return File.ReadAllText(PathOf(file, folder)).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            file.Refuse($"The {(name == "password" ? name : "secret")} cannot be read from '{file.Value}'.", "Name a file that this account can read.");
            return "";
        }
    }

    private static SignatureDirectoryOptions Signatures(Section identity)
    {
        List<string> agents = [];
        foreach (var given in identity.Texts("signatureAgents"))
        {
            if (AgentName.TryParse(given.Value, out string? agent))
                agents.Add(agent);
            else
                given.Refuse($"'{given.Value}' is no signature agent.", $"Write {AgentName.Rule}.");
        }
        return new SignatureDirectoryOptions { Agents = agents, AnyAgent = identity.Boolean("anySignatureAgent", false) };
    }

    private static ReverseDnsOptions? ReverseDns(Section identity)
    {
        List<IPEndPoint> servers = [];
        foreach (var given in identity.Texts("dnsServers"))
        {
            if (DnsServerAddress.TryParse(given.Value, out var server))
                servers.Add(server);
            else
                given.Refuse($"'{given.Value}' is no DNS server.", $"Write {DnsServerAddress.Rule}.");
        }
        return identity.Boolean("reverseDns", true) ? new ReverseDnsOptions { Servers = servers } : null;
    }

    private static IngestOptions Ingest(Section ingest)
    {
        var otherwise = Defaults.Ingest;
        return otherwise with
        {
            Edge = ingest.Text("edge") is { Value.Length: > 0 } name ? name.Value : otherwise.Edge,
            ChannelCapacity = ingest.Integer("channelCapacity", 1, 16_777_216, otherwise.ChannelCapacity),
            BatchRows = ingest.Integer("batchRows", 1, 1_000_000, otherwise.BatchRows),
            FlushInterval = ingest.Integer("flushMilliseconds", 10, 60_000) is { } ms ? TimeSpan.FromMilliseconds(ms) : otherwise.FlushInterval,
            DrainTimeout = ingest.Seconds("drainSeconds", 3600, otherwise.DrainTimeout),
            SpoolBytesMax = ingest.Integer("spoolBytesMax", 0, 1L << 50) ?? otherwise.SpoolBytesMax,
        };
    }

    /// <summary>A path as written in a file, or given outside of it.</summary>
    public static string PathOf(Given given, string folder) => given.Node.IsFromFile ? Path.GetFullPath(given.Value, folder) : given.Value;
}
