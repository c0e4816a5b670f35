using System.Globalization;
using System.Net;
using Weir.Proxy.SharedLimits;

namespace Weir.Settings;

/// <summary>Reads which Redis the edges share their limits through.</summary>
internal static class RedisBinder
{
    private const int PortOtherwise = 6379, HostsMax = 64, PrefixMax = 64;
    private const string Example = "Write a host and port, such as redis.example.com:6379 or [2001:db8::1]:6379.";

    /// <summary>Reads the section; null when it is not given.</summary>
    public static SharedLimitOptions? Bind(Section redis, string folder)
    {
        if (redis.Node is null)
            return null;
        string password = SettingsBinder.Password(redis, folder);
        List<EndPoint> servers = [.. redis.Texts("hosts").Select(Server).OfType<EndPoint>()];
        if (!redis.Texts("hosts").Any())
            redis.Errors.Add(redis.At, redis.PathOf("hosts"), "A Redis is described without its host.", "Write \"hosts\": [\"127.0.0.1:6379\"], or leave redis out.");
        if (servers.Count > HostsMax)
            redis.Errors.Add(redis.At, redis.PathOf("hosts"), $"At most {HostsMax} hosts are taken.", "Name some of a cluster; it tells of the others.");
        if (redis.Text("user") is { } user && password.Length == 0)
            user.Refuse("A user is named without a password.", "Write passwordFile beside it, or leave user out.");
        return new SharedLimitOptions
        {
            Servers = servers,
            User = redis.Text("user") is { Value.Length: > 0 } name ? name.Value : null,
            Password = password,
            IsTls = redis.Boolean("tls", false),
            Database = redis.Integer("database", 0, 65_535, 0),
            KeyPrefix = Prefix(redis.Text("keyPrefix")),
        };
    }

    private static EndPoint? Server(Given given)
    {
        string text = given.Value.Trim();
        if (text.Contains("//", StringComparison.Ordinal) || text.Contains('@'))
        {
            // A URL may hold a password, which is not repeated on the screen.
            given.Refuse("A URL is no host of Redis.", Example + " The password stands in passwordFile, and \"tls\": true replaces rediss://.");
            return null;
        }
        int colon = text.LastIndexOf(':');
        bool hasPort = colon > 0 && (text[0] == '[' ? text[colon - 1] == ']' : text.IndexOf(':') == colon);
        string host = hasPort ? text[..colon] : text;
        int port = PortOtherwise;
        if (hasPort && (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65_535))
            return Refuse(given);
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address) && (host.Contains(':') || host.Count(c => c == '.') == 3))
            return new IPEndPoint(address, port);
        return Uri.CheckHostName(host) == UriHostNameType.Dns ? new DnsEndPoint(host.ToLowerInvariant(), port) : Refuse(given);
    }

    private static string Prefix(Given? given)
    {
        const string Otherwise = "weir:";
        if (given is not { } prefix)
            return Otherwise;
        // A brace would be the hash tag of a cluster, in place of the one that spreads the keys.
        if (prefix.Value.Length is > 0 and <= PrefixMax && prefix.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '-' or '_' or '.' or '/'))
            return prefix.Value;
        prefix.Refuse($"This is no begin of keys.", $"Use 1 to {PrefixMax} letters, digits and : - _ . /, such as weir:.");
        return Otherwise;
    }

    private static EndPoint? Refuse(Given given)
    {
        given.Refuse($"'{given.Value}' is no host of Redis.", Example);
        return null;
    }
}
