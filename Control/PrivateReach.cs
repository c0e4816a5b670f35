using System.Net;
using System.Text.Json;
using Weir.Detection.Identification;

namespace Weir.Control;

/// <summary>What in a site's definition lets the edge reach into the network that it stands in, or reads a file of its machine. That is for
/// whoever runs the installation: for anybody else the edge would be a way around the firewall.</summary>
public static class PrivateReach
{
    private static readonly JsonDocumentOptions Reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32 };

    /// <summary>Every such piece, named by its setting; none for a text that is no JSON object, which no check lets pass.</summary>
    public static IReadOnlyList<string> Of(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Reading);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Of(document.RootElement) : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static List<string> Of(JsonElement site)
    {
        // Each member, not one by name: whichever of two the edge would take is among them.
        var members = site.EnumerateObject().ToList();
        bool isAllowed = members.Exists(m => m.NameEquals("privateOrigins") && m.Value.ValueKind != JsonValueKind.False);
        List<string> pieces = isAllowed ? ["privateOrigins"] : [];
        pieces.AddRange(members.Where(m => m.NameEquals("originCa")).Select(m => $"originCa {m.Value}"));
        // With privateOrigins every name may lead inside, so each counts, and another one is another piece.
        pieces.AddRange(members.Where(m => m.NameEquals("origins")).SelectMany(m => Urls(m.Value)).Where(url => isAllowed || IsPrivate(url)).Select(url => $"origins {url}"));
        return pieces;
    }

    private static IEnumerable<string> Urls(JsonElement given) => given.ValueKind switch
    {
        JsonValueKind.String => [given.GetString()!],
        JsonValueKind.Array => given.EnumerateArray().SelectMany(Urls),
        JsonValueKind.Object => given.EnumerateObject().Where(m => m.NameEquals("url")).SelectMany(m => Urls(m.Value)),
        _ => [],
    };

    // As the edge tells what it takes as written from what it judges at the connection: anything but a DNS name, and localhost.
    private static bool IsPrivate(string url)
    {
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        // A host is written in many ways (2130706433, 0x7f.1), which are all told for http alone.
        if (!Uri.TryCreate($"http://{(scheme < 0 ? url : url[(scheme + 3)..])}", UriKind.Absolute, out var read))
            return true;
        if (read.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
            return !IPAddress.TryParse(read.DnsSafeHost, out var address) || !PublicAddress.IsPublic(address);
        return read.HostNameType != UriHostNameType.Dns || read.Host.TrimEnd('.').Equals("localhost", StringComparison.OrdinalIgnoreCase);
    }
}
