using Microsoft.Extensions.Primitives;

namespace Weir.Proxy.Beacon;

/// <summary>Reads whether a page's Content-Security-Policy lets the site's own script run and call its own host. In doubt it does not.</summary>
internal static class ScriptPermission
{
    /// <summary>Whether all policies do; none at all does.</summary>
    /// <param name="policies">Values of the header, each with one policy or several.</param>
    public static bool Allows(in StringValues policies)
    {
        foreach (string? value in policies)
        {
            foreach (string policy in (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!IsAllowedBy(policy))
                    return false;
            }
        }
        return true;
    }

    private static bool IsAllowedBy(string policy)
    {
        var directives = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        foreach (string directive in policy.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] words = directive.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            // The first of a name holds (CSP level 3, section 2.2.1).
            directives.TryAdd(words[0], words[1..]);
        }
        if (directives.TryGetValue("sandbox", out string[]? sandbox) && !(Has(sandbox, "allow-scripts") && Has(sandbox, "allow-same-origin")))
            return false;
        return !directives.ContainsKey("require-sri-for")
            && IsOwnAllowed(First(directives, "script-src-elem", "script-src", "default-src")) && IsOwnAllowed(First(directives, "connect-src", "default-src"));
    }

    private static string[]? First(Dictionary<string, string[]> directives, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (directives.TryGetValue(name, out string[]? sources))
                return sources;
        }
        return null;
    }

    // With 'strict-dynamic' only a nonce or a hash counts, and the edge has neither.
    private static bool IsOwnAllowed(string[]? sources) => sources is null || (!Has(sources, "'strict-dynamic'") && (Has(sources, "'self'") || Has(sources, "*")));

    private static bool Has(string[] words, string word) => words.Contains(word, StringComparer.OrdinalIgnoreCase);
}
