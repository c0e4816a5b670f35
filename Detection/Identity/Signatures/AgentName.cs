using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Weir.Detection.Identification.Signatures;

/// <summary>The origin that a signature agent goes by, such as <c>https://chatgpt.com</c>.</summary>
/// <remarks>The directory draft wants the serialization of an https origin. Narrower here, because names are kept and fetched: a host name
/// of DNS with a dot in it, no address, no port, nothing that only means something inside a network.</remarks>
public static class AgentName
{
    /// <summary>What to write, for error messages.</summary>
    public const string Rule = "an https origin without port or path, such as https://chatgpt.com";

    private const string Scheme = "https://";
    private const int LongestHost = 253;
    private const int LongestLabel = 63;

    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    // RFC 6761, 6762, 7686, 8375, 9476 and the names that networks give themselves: none of them is a name of the public DNS.
    private static readonly string[] LocalEndings =
        [".localhost", ".local", ".internal", ".intranet", ".private", ".corp", ".home", ".lan", ".localdomain", ".home.arpa", ".arpa", ".onion", ".alt", ".invalid"];

    /// <summary>Reads an agent as sent; a final slash is allowed. Never throws.</summary>
    /// <param name="text">Hostile text.</param>
    /// <param name="agent">In lower case, without the slash.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out string? agent)
    {
        agent = null;
        if (text is null || text.Length > Scheme.Length + LongestHost + 1 || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        string host = text[Scheme.Length..].ToLowerInvariant();
        if (host is [.. var bare, '/'])
            host = bare;
        if (!IsPublicHost(host))
            return false;
        agent = Scheme + host;
        return true;
    }

    /// <summary>The host of an agent that <see cref="TryParse"/> gave.</summary>
    public static string HostOf(string agent) => agent[Scheme.Length..];

    private static bool IsPublicHost(string host)
    {
        if (host.Length is 0 or > LongestHost || host.AsSpan().ContainsAnyExcept(HostCharacters) || !host.Contains('.'))
            return false;
        // No public top-level name begins with a digit, and every spelling of an IPv4 address ends in a part that does.
        string[] labels = host.Split('.');
        if (char.IsAsciiDigit(labels[^1].Length > 0 ? labels[^1][0] : '0'))
            return false;
        foreach (string label in labels)
        {
            if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-')
                return false;
        }
        return !Array.Exists(LocalEndings, ending => host.EndsWith(ending, StringComparison.Ordinal));
    }
}
