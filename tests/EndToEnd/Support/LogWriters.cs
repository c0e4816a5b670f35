using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Weir.EndToEnd.Support;

/// <summary>Writes the requests of a combined log as other servers write them.</summary>
internal static partial class LogWriters
{
    /// <summary>The formats by name, each with a writer of a whole log.</summary>
    public static IReadOnlyDictionary<string, Func<IEnumerable<string>, IEnumerable<string>>> All { get; } =
        new Dictionary<string, Func<IEnumerable<string>, IEnumerable<string>>>(StringComparer.Ordinal)
        {
            ["combined"] = lines => lines,
            ["nginx JSON"] = lines => Requests(lines).Select(Nginx),
            ["Caddy JSON"] = lines => Requests(lines).Select(Caddy),
            ["IIS W3C"] = lines =>
                Requests(lines).Select(Iis).Prepend("#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query cs-version sc-status sc-bytes cs(User-Agent) cs(Referer)"),
            ["CloudFront"] = lines => Requests(lines).Select(CloudFront).Prepend(
                "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs-protocol-version"),
        };

    private static IEnumerable<GroupCollection> Requests(IEnumerable<string> lines) => lines.Select(l => Combined().Match(l)).Where(m => m.Success).Select(m => m.Groups);

    private static string Nginx(GroupCollection r) => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["time_iso8601"] = Time(r).ToString("yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture),
        ["remote_addr"] = r["ip"].Value,
        ["request"] = $"{r["method"].Value} {r["target"].Value} {r["version"].Value}",
        ["status"] = r["status"].Value,
        ["body_bytes_sent"] = r["bytes"].Value,
        ["http_referer"] = r["referrer"].Value,
        ["http_user_agent"] = r["ua"].Value,
    });

    private static string Caddy(GroupCollection r) => JsonSerializer.Serialize(new
    {
        level = "info",
        ts = Time(r).ToUnixTimeSeconds(),
        logger = "http.log.access.log0",
        msg = "handled request",
        request = new
        {
            remote_ip = "10.0.0.1",
            client_ip = r["ip"].Value,
            proto = r["version"].Value,
            method = r["method"].Value,
            host = "example.com",
            uri = r["target"].Value,
            headers = new Dictionary<string, string[]> { ["User-Agent"] = [r["ua"].Value], ["Referer"] = [r["referrer"].Value] },
        },
        duration = 0.001,
        size = long.Parse(r["bytes"].Value == "-" ? "0" : r["bytes"].Value, CultureInfo.InvariantCulture),
        status = int.Parse(r["status"].Value, CultureInfo.InvariantCulture),
    });

    private static string Iis(GroupCollection r) => string.Join(' ', Day(r), Clock(r), r["ip"].Value, r["method"].Value, Path(r), Query(r), r["version"].Value,
        r["status"].Value, Bytes(r), r["ua"].Value.Replace(' ', '+'), r["referrer"].Value.Replace(' ', '+'));

    private static string CloudFront(GroupCollection r) => string.Join('\t', Day(r), Clock(r), "FRA2-C1", Bytes(r), r["ip"].Value, r["method"].Value, "d111.cloudfront.net",
        Path(r), r["status"].Value, Percent(r["referrer"].Value), Percent(r["ua"].Value), Query(r), r["version"].Value);

    private static string Percent(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace(" ", "%20", StringComparison.Ordinal);

    private static string Path(GroupCollection r) => r["target"].Value.Split('?')[0];

    private static string Query(GroupCollection r) => r["target"].Value.Split('?', 2) is [_, { Length: > 0 } query] ? query : "-";

    private static string Bytes(GroupCollection r) => r["bytes"].Value == "-" ? "0" : r["bytes"].Value;

    private static string Day(GroupCollection r) => Time(r).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Clock(GroupCollection r) => Time(r).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(GroupCollection r) =>
        DateTimeOffset.ParseExact(r["time"].Value, "dd/MMM/yyyy:HH:mm:ss zzz", CultureInfo.InvariantCulture).ToUniversalTime();

    [GeneratedRegex("""^(?<ip>\S+) \S+ \S+ \[(?<time>[^\]]+)\] "(?<method>\S+) (?<target>\S+) (?<version>\S+)" (?<status>\d+) (?<bytes>\S+) "(?<referrer>[^"]*)" "(?<ua>[^"]*)"$""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Combined();
}
