using System.Globalization;
using System.Net;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.Sites;

namespace Weir.Settings;

/// <summary>Reads the sites: ids, hosts and origins, each used once.</summary>
internal static class SiteBinder
{
    /// <summary>Reads every site of the settings file; wrong ones are noted and left out.</summary>
    public static IReadOnlyList<PlacedSite> Bind(Section root, SiteSurroundings around)
    {
        var names = new SiteNames();
        return [.. root.Objects("sites").Select(site => BindOne(site, around, names)).OfType<PlacedSite>()];
    }

    /// <summary>Reads one site by itself.</summary>
    /// <param name="section">The site's object; its errors say in which file or store it stands.</param>
    /// <param name="around">What the site's settings are judged by beside themselves.</param>
    /// <param name="names">Ids and hosts taken so far by the same source; gets this site's.</param>
    /// <returns>The site, to be used only when no error was noted; null when it lacks an id, a host or an origin.</returns>
    public static PlacedSite? BindOne(Section section, SiteSurroundings around, SiteNames names)
    {
        var id = Id(section, names);
        var hosts = Hosts(section, names);
        var origins = OriginBinder.Origins(section, around.Listen);
        if (id is null || hosts.Count == 0 || origins.Count == 0)
            return null;
        var site = new Site
        {
            Id = id.Value,
            Hosts = [.. hosts.Select(h => h.Name)],
            Origins = origins,
            PassHost = section.Boolean("passHost", true),
            Forwarded = ForwardedBinder.Bind(section.Text("forwarded")),
            HoneypotPaths = HoneypotPaths(section),
            Robots = RobotsBinder.Bind(section, id.Value),
            TrapPath = RobotsBinder.TrapPath(section, id.Value),
            Beacon = BeaconBinder.Bind(section.Object("beacon")),
            RedirectToHttps = CertificateBinder.RedirectToHttps(section, around),
            StrictTransport = CertificateBinder.StrictTransport(section.Object("hsts")),
            AcmeToOrigin = section.Boolean("acmeToOrigin", false),
            BodyBytesMax = section.Integer("bodyBytesMax", 0, long.MaxValue),
            Limit = SiteLimitBinder.Bind(section.Object("limit")),
            Policy = PolicyBinder.Bind(section),
            Health = OriginBinder.Health(section.Object("health")),
            IsSticky = section.Boolean("sticky", false),
            Timeouts = OriginBinder.Timeouts(section.Object("timeouts")),
            AllowsPrivateOrigins = section.Boolean("privateOrigins", false),
            OriginCa = OriginBinder.Ca(section, around.Folder),
            Rewrite = RewriteBinder.Rewrite(section.Object("rewrite")),
            Maintenance = RewriteBinder.Maintenance(section),
            Cache = CacheBinder.Bind(section),
            Privacy = PrivacyBinder.Bind(section.Object("privacy")),
        };
        return new PlacedSite(site, section.Text("id")!.Value.Node.At, [.. hosts.Select(h => h.At)], SettingJson.Write(section.Node!));
    }

    private static SiteId? Id(Section site, SiteNames names)
    {
        if (site.Text("id") is not { } given)
        {
            if (!site.Has("id"))
                site.Errors.Add(site.At, site.PathOf("id"), "A site has no id.", "Write \"id\": \"example.com\", or any short name that stays.");
            return null;
        }
        if (!SiteId.TryParse(given.Value, null, out var id))
        {
            given.Refuse($"'{given.Value}' is not a site id.", $"Use {SiteId.Rule}.");
            return null;
        }
        if (names.Ids.TryAdd(id, given.Node.At))
            return id;
        given.Refuse($"The id '{id}' is taken by the site at {names.Ids[id]}.", "Give each site its own id; one site may have many hosts.");
        return null;
    }

    private static List<(string Name, string At)> Hosts(Section site, SiteNames names)
    {
        var hosts = new List<(string, string)>();
        foreach (var given in site.Texts("hosts"))
        {
            if (ReadHost(given) is not { } host)
                continue;
            if (names.Hosts.TryAdd(host, given.Node.At))
                hosts.Add((host, given.Node.At));
            else
                given.Refuse($"The host '{host}' is taken at {names.Hosts[host]}.", "A host belongs to one site: remove it from the other.");
        }
        if (!site.Texts("hosts").Any())
            site.Errors.Add(site.At, site.PathOf("hosts"), "A site has no hosts.", "Write \"hosts\": [\"www.example.com\"], or [\"*\"] for any host.");
        return hosts;
    }

    // A name as it will be looked up: lower case, no trailing dot, international names in their ASCII form.
    private static string? ReadHost(Given given)
    {
        string text = given.Value.Trim().TrimEnd('.').ToLowerInvariant();
        if (text == "*")
            return text;
        if (text.Contains("//", StringComparison.Ordinal) || text.Contains('/'))
            return Refuse(given, "is a URL or a path, not a host.", "Write the name alone, such as www.example.com.");
        if (text.StartsWith('[') && text.EndsWith(']') && IPAddress.TryParse(text[1..^1], out var address))
            return $"[{address}]";
        if (text.Contains(':'))
            return Refuse(given, "has a port, and a site answers on every port.", "Write the name alone, such as www.example.com.");
        bool isWildcard = text.StartsWith("*.", StringComparison.Ordinal);
        string name = isWildcard ? text[2..] : text;
        if (name.Contains('*'))
            return Refuse(given, "has a star inside.", "A star stands for whole labels on the left: *.example.com.");
        try
        {
            name = new IdnMapping { UseStd3AsciiRules = false }.GetAscii(name);
        }
        catch (ArgumentException)
        {
            return Refuse(given, "is not a host name.", "Write one such as www.example.com.");
        }
        bool isName = name.Length is > 0 and <= HostName.MaxLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            && !name.StartsWith('.') && !name.Contains("..", StringComparison.Ordinal);
        return isName ? (isWildcard ? "*." + name : name) : Refuse(given, "is not a host name.", "Write one such as www.example.com.");
    }

    /// <summary>Reads one host without wildcard; a wrong one is noted.</summary>
    public static string? ReadName(Given given) =>
        ReadHost(given) is not { } host ? null : host.StartsWith('*') ? Refuse(given, "stands for many hosts.", "Write one name, such as www.example.com.") : host;

    private static List<string> HoneypotPaths(Section site)
    {
        var paths = new List<string>();
        foreach (var given in site.Texts("honeypotPaths"))
        {
            string path = given.Value.Trim();
            if (path.Length < 2 || path[0] != '/' || path.Contains('?') || path.Contains('#') || path.Contains('*'))
                given.Refuse($"'{given.Value}' is no path.", "Write a path of its own without query or star, such as /private/list.");
            else
                paths.Add(path);
        }
        return paths;
    }

    private static string? Refuse(Given given, string what, string mend)
    {
        given.Refuse($"'{given.Value}' {what}", mend);
        return null;
    }
}
