using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Control;
using Weir.Proxy.Connection;

namespace Weir.Settings;

/// <summary>Reads a site's origins: where they are, their weights, how it is found out that they are well, how long they may take.</summary>
internal static class OriginBinder
{
    private const string Example = "http://127.0.0.1:3000";

    /// <summary>Reads the origins; wrong ones are noted and left out.</summary>
    public static IReadOnlyList<SiteOrigin> Origins(Section site, IReadOnlyList<ListenAddress> listen)
    {
        var origins = new List<SiteOrigin>();
        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var written = Written(site).ToList();
        foreach (var (given, weight) in written)
        {
            if (ReadUrl(given, listen) is not { } url)
                continue;
            if (known.TryAdd(url.GetLeftPart(UriPartial.Authority), given.Node.At))
                origins.Add(new SiteOrigin(url, weight));
            else
                RefuseUrl(given, $"stands at {known[url.GetLeftPart(UriPartial.Authority)]} too.", "Write it once, with a weight if it shall get more.");
        }
        if (!site.Has("origins") || site.Node!.Find("origins") is { Kind: NodeKind.List, Items.Count: 0 })
            site.Errors.Add(site.At, site.PathOf("origins"), "A site has no origin.", $"Write \"origins\": [\"{Example}\"]: where the website itself runs.");
        if (written.Count > SiteOrigin.OriginsMax)
            site.Errors.Add(site.Node!.Find("origins")!.At, site.PathOf("origins"), $"A site has at most {SiteOrigin.OriginsMax} origins.", "Put a balancer of your own in front of the rest.");
        if (origins.Count > 0 && origins.All(o => o.Weight == 0))
            site.Errors.Add(site.Node!.Find("origins")!.At, site.PathOf("origins"), "Every origin is drained, so none is left to ask.",
                "Give one a weight of 1 or more, or write \"maintenance\": true.");
        return origins;
    }

    /// <summary>Reads how it is found out which origins are well.</summary>
    public static OriginHealth Health(Section health)
    {
        var otherwise = new OriginHealth();
        return new OriginHealth
        {
            Check = Check(health),
            CountsGatewayErrors = health.Boolean("gatewayErrors", otherwise.CountsGatewayErrors),
            CountsTimeouts = health.Boolean("timeouts", otherwise.CountsTimeouts),
            FailuresMax = health.Integer("failuresMax", 1, 1000, otherwise.FailuresMax),
        };
    }

    /// <summary>Reads how long origins may take; null when nothing is said.</summary>
    public static OriginTimeouts? Timeouts(Section timeouts)
    {
        var firstByte = timeouts.Integer("firstByteSeconds", 1, 86_400);
        var idle = timeouts.Integer("idleSeconds", 1, 86_400);
        return firstByte is null && idle is null ? null : new OriginTimeouts(Seconds(firstByte), Seconds(idle));
    }

    /// <summary>Reads the certificates that vouch for https origins: a PEM file, or its text.</summary>
    public static string? Ca(Section site, string folder)
    {
        if (site.Text("originCa") is not { } given)
            return null;
        try
        {
            string pem = given.Value.Contains("-----BEGIN", StringComparison.Ordinal) ? given.Value : File.ReadAllText(SettingsBinder.PathOf(given, folder));
            var read = new X509Certificate2Collection();
            read.ImportFromPem(pem);
            if (read.Count > 0)
                return pem;
            given.Refuse("No certificate is in it.", "Name a PEM file with the certificate of the authority that signed the origin's.");
        }
        catch (CryptographicException)
        {
            given.Refuse("A certificate in it cannot be read.", "Write it as PEM: -----BEGIN CERTIFICATE----- and base64.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            given.Refuse("The file cannot be read.", "Name a PEM file that this account can read.");
        }
        return null;
    }

    /// <summary>Reads the value of a Host header: a name or address, with a port or without.</summary>
    public static string? Host(Given? given)
    {
        if (given is not { } host)
            return null;
        string text = host.Value.Trim();
        if (text.Length is > 0 and <= 255 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '[' or ']'))
            return text;
        host.Refuse($"'{host.Value}' is no host.", "Write a name, with a port if it has one, such as shop.internal:8080.");
        return null;
    }

    private static OriginCheck? Check(Section health)
    {
        if (health.Text("path") is not { } path)
        {
            foreach (string name in (string[])["host", "intervalSeconds", "timeoutSeconds", "status", "healthyAfter", "unhealthyAfter"])
            {
                if (health.Has(name))
                    health.Errors.Add(health.Node!.Find(name)!.At, health.PathOf(name), "This belongs to a check, and there is none without a path.", "Write \"path\": \"/health\" beside it.");
            }
            return null;
        }
        if (path.Value is not ['/', ..] || path.Value.Length > 1024 || path.Value.Any(c => c is <= ' ' or > '~' or '#'))
            path.Refuse($"'{path.Value}' is no path.", "Write one with its leading slash, such as /health.");
        var (statusMin, statusMax) = Status(health.Text("status"));
        var otherwise = new OriginCheck { Path = path.Value };
        var check = otherwise with
        {
            Host = Host(health.Text("host")),
            Interval = health.Seconds("intervalSeconds", 3600, otherwise.Interval),
            Timeout = health.Seconds("timeoutSeconds", 300, otherwise.Timeout),
            StatusMin = statusMin,
            StatusMax = statusMax,
            HealthyAfter = health.Integer("healthyAfter", 1, 100, otherwise.HealthyAfter),
            UnhealthyAfter = health.Integer("unhealthyAfter", 1, 100, otherwise.UnhealthyAfter),
        };
        return check;
    }

    private static (int Min, int Max) Status(Given? given)
    {
        if (given is not { } status)
            return (200, 399);
        string[] parts = status.Value.Split('-', 2, StringSplitOptions.TrimEntries);
        if (TryStatus(parts[0], out int min) && TryStatus(parts[^1], out int max) && min <= max)
            return (min, max);
        status.Refuse($"'{status.Value}' is no range of status codes.", "Write one such as \"200-399\", or one code such as \"204\".");
        return (200, 399);
    }

    private static bool TryStatus(string text, out int status) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 100 and <= 599;

    // A text, or an object with a URL and a weight.
    private static IEnumerable<(Given Url, int Weight)> Written(Section site)
    {
        if (site.Text("origins") is { } only)
            yield return (only, 1);
        var list = site.Node?.Find("origins");
        for (int i = 0; i < (list?.Items.Count ?? 0); i++)
        {
            string path = $"{site.PathOf("origins")}[{i}]";
            if (list!.Items[i].Kind == NodeKind.Text)
                yield return (new Given(list.Items[i], path, site.Errors), 1);
            if (list.Items[i].Kind != NodeKind.Object)
                continue;
            var origin = new Section(list.Items[i], path, site.Errors);
            int weight = origin.Integer("weight", 0, SiteOrigin.WeightMax, 1);
            if (origin.Text("url") is { } url)
                yield return (url, weight);
            else
                origin.Errors.Add(origin.At, origin.PathOf("url"), "An origin has no URL.", $"Write \"url\": \"{Example}\".");
        }
    }

    private static Uri? ReadUrl(Given given, IReadOnlyList<ListenAddress> listen)
    {
        string text = given.Value.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
            return RefuseUrl(given, "has no scheme.", $"Write http:// or https:// before it, such as {Example}.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
            return RefuseUrl(given, "is not a URL.", $"Write one such as {Example}.");
        if (url.Scheme is not ("http" or "https" or "h2c"))
            return RefuseUrl(given, $"has the scheme '{url.Scheme}'.", "Write http, https, or h2c for HTTP/2 without TLS.");
        if (url.UserInfo.Length > 0)
            return RefuseUrl(given, "holds a user or password.", "Remove it; the client's own Authorization header is passed on.");
        if (url.AbsolutePath.Length > 1 || url.Query.Length > 0 || url.Fragment.Length > 0)
            return RefuseUrl(given, "has a path or query.", $"Write {url.GetLeftPart(UriPartial.Authority)} alone; rewrite.addPrefix puts a path before every request's.");
        if (url.IsLoopback && listen.Any(l => l.Port == url.Port && l.Port != 0 && (l.Address is null || IPAddress.IsLoopback(l.Address))))
            return RefuseUrl(given, "is where the edge itself listens, so that requests would go round for ever.", "Write where the website itself runs.");
        return url;
    }

    private static Uri? RefuseUrl(Given given, string what, string mend)
    {
        // A password typed into a URL is not repeated on the screen.
        string shown = given.Value.Contains('@') ? "The URL" : $"'{given.Value}'";
        given.Refuse($"{shown} {what}", mend);
        return null;
    }

    private static TimeSpan? Seconds(long? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
}
