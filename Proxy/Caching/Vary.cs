using Microsoft.AspNetCore.Http;

namespace Weir.Proxy.Caching;

/// <summary>Reads Vary, and brings the request headers it names to a form that can be compared (RFC 9111 §4.1).</summary>
internal static class Vary
{
    // A page that depends on more than this is one for each visitor.
    private const int NamesMax = 8;

    /// <summary>The names, lower case, each once.</summary>
    /// <returns>False when no other request can be known to get the same: <c>*</c>, too many names, or one of a header that the edge
    /// writes itself for each client.</returns>
    public static bool TryRead(IHeaderDictionary answer, out string[] names)
    {
        names = [];
        if (answer.Vary.Count == 0)
            return true;
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string? line in answer.Vary)
        {
            foreach (string name in line!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                found.Add(name.ToLowerInvariant());
        }
        if (found.Count > NamesMax || found.Contains("*") || found.Contains("x-forwarded-for") || found.Contains("x-real-ip") || found.Contains("forwarded"))
            return false;
        names = [.. found];
        return true;
    }

    /// <summary>What the request says in one header. Allocates nothing for one plain value.</summary>
    public static string ComparableOf(string name, IHeaderDictionary request)
    {
        var values = request[name];
        string text = values.Count switch
        {
            // Not sent is not the same as sent empty.
            0 => "\n",
            1 => values[0]!,
            _ => string.Join(",", values.Select(v => v!.Trim())),
        };
        // What is accepted means the same in any case and with any blanks.
        return name == "accept-encoding" && text.AsSpan().IndexOfAnyExceptInRange('a', 'z') >= 0
            ? string.Join(',', text.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            : text;
    }
}
