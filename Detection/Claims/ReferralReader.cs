namespace Weir.Detection.Claims;

/// <summary>Says what sort of page sent a visit. Hosts match at a label boundary; allocates nothing; never throws.</summary>
internal static class ReferralReader
{
    // More labels than any host here has; longer ones only cost time.
    private const int MaxHostLength = 253;

    private static readonly System.Collections.Frozen.FrozenDictionary<string, Referral>.AlternateLookup<ReadOnlySpan<char>> Hosts =
        ReferralSites.Hosts.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly System.Collections.Frozen.FrozenDictionary<string, Referral>.AlternateLookup<ReadOnlySpan<char>> UtmNames =
        ReferralSites.UtmNames.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="referrer">The Referer header as sent.</param>
    /// <param name="query">The requested URL's query, for <c>utm_source</c>.</param>
    /// <param name="ownHost">The host asked; empty when unknown.</param>
    public static Referral Read(ReadOnlySpan<char> referrer, ReadOnlySpan<char> query, ReadOnlySpan<char> ownHost)
    {
        bool hasHost = TrySplit(referrer, out var host, out var path);
        if (hasHost && IsSame(host, ownHost))
            return default; // a click inside the site keeps the query of the page before, so utm_source says nothing here
        var byReferrer = hasHost ? OfHost(host, path) : default;
        if (byReferrer.Class == ReferralClass.Ai)
            return byReferrer;
        return TryReadUtm(query, out var byUtm) ? byUtm : byReferrer;
    }

    private static Referral OfHost(ReadOnlySpan<char> host, ReadOnlySpan<char> path)
    {
        if (OfPath(host, path) is { Class: not ReferralClass.None } special)
            return special;
        for (var rest = host; !rest.IsEmpty;)
        {
            if (Hosts.TryGetValue(rest, out var found))
                return found;
            int dot = rest.IndexOf('.');
            if (dot < 0)
                break;
            var label = rest[..dot];
            if (label.Equals("google", StringComparison.OrdinalIgnoreCase) && IsCountryDomain(rest[(dot + 1)..]))
                return IsGoogleSearch(host[..^rest.Length]) ? new Referral(ReferralClass.Search, "google") : new Referral(ReferralClass.Other, null);
            if (label.Equals("yandex", StringComparison.OrdinalIgnoreCase) && IsCountryDomain(rest[(dot + 1)..]))
                return new Referral(ReferralClass.Search, "yandex");
            rest = rest[(dot + 1)..];
        }
        return new Referral(ReferralClass.Other, null);
    }

    // Assistants that live in a folder of a search engine or network.
    private static Referral OfPath(ReadOnlySpan<char> host, ReadOnlySpan<char> path)
    {
        if (IsBelow(host, "bing.com") && (StartsFolder(path, "/chat") || StartsFolder(path, "/copilotsearch")))
            return new Referral(ReferralClass.Ai, "copilot");
        if (IsBelow(host, "kagi.com") && StartsFolder(path, "/assistant"))
            return new Referral(ReferralClass.Ai, "kagi");
        if (IsBelow(host, "x.com") && StartsFolder(path, "/i/grok"))
            return new Referral(ReferralClass.Ai, "grok");
        if (IsBelow(host, "huggingface.co") && StartsFolder(path, "/chat"))
            return new Referral(ReferralClass.Ai, "huggingface");
        return default;
    }

    private static bool TryReadUtm(ReadOnlySpan<char> query, out Referral found)
    {
        found = default;
        foreach (var part in query.Split('&'))
        {
            var pair = query[part];
            if (!pair.StartsWith("utm_source=", StringComparison.OrdinalIgnoreCase))
                continue;
            var value = pair["utm_source=".Length..];
            if (value.Length > MaxHostLength)
                return false;
            if (UtmNames.TryGetValue(value, out found))
                return true;
            for (var rest = value; !rest.IsEmpty; rest = rest[(rest.IndexOf('.') + 1)..])
            {
                if (Hosts.TryGetValue(rest, out found))
                    return found.Class == ReferralClass.Ai;
                if (rest.IndexOf('.') < 0)
                    return false;
            }
            return false;
        }
        return false;
    }

    private static bool TrySplit(ReadOnlySpan<char> referrer, out ReadOnlySpan<char> host, out ReadOnlySpan<char> path)
    {
        host = path = default;
        int scheme = referrer.IndexOf("://", StringComparison.Ordinal);
        if (scheme is < 0 or > 20)
            return false;
        var rest = referrer[(scheme + 3)..];
        int end = rest.IndexOfAny("/?#\\");
        var authority = end < 0 ? rest : rest[..end];
        path = end < 0 ? default : rest[end..];
        // "https://chatgpt.com@evil.example/": the host stands after the last @.
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        int port = authority.IndexOf(':');
        host = (port < 0 ? authority : authority[..port]).TrimEnd('.');
        return host.Length is > 0 and <= MaxHostLength;
    }

    // "com", "de", "co.uk", "com.br": what may follow a name that owns itself everywhere.
    private static bool IsCountryDomain(ReadOnlySpan<char> domain)
    {
        int dot = domain.IndexOf('.');
        if (dot < 0)
            return domain.Length == 2 || domain.Equals("com", StringComparison.OrdinalIgnoreCase);
        return domain[(dot + 1)..].Length == 2 && (domain[..dot].Equals("co", StringComparison.OrdinalIgnoreCase)
            || domain[..dot].Equals("com", StringComparison.OrdinalIgnoreCase));
    }

    // mail.google.com and docs.google.com hold links that people sent each other.
    private static bool IsGoogleSearch(ReadOnlySpan<char> before) =>
        !(before.Equals("mail.", StringComparison.OrdinalIgnoreCase) || before.Equals("docs.", StringComparison.OrdinalIgnoreCase)
            || before.Equals("drive.", StringComparison.OrdinalIgnoreCase) || before.Equals("accounts.", StringComparison.OrdinalIgnoreCase)
            || before.Equals("calendar.", StringComparison.OrdinalIgnoreCase) || before.Equals("chat.", StringComparison.OrdinalIgnoreCase)
            || before.Equals("meet.", StringComparison.OrdinalIgnoreCase) || before.Equals("classroom.", StringComparison.OrdinalIgnoreCase)
            || before.Equals("groups.", StringComparison.OrdinalIgnoreCase) || before.Equals("sites.", StringComparison.OrdinalIgnoreCase));

    private static bool IsBelow(ReadOnlySpan<char> host, ReadOnlySpan<char> domain) =>
        host.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (host.Length == domain.Length || host[^(domain.Length + 1)] == '.');

    private static bool StartsFolder(ReadOnlySpan<char> path, ReadOnlySpan<char> folder) =>
        path.StartsWith(folder, StringComparison.OrdinalIgnoreCase) && (path.Length == folder.Length || !char.IsAsciiLetterOrDigit(path[folder.Length]));

    private static bool IsSame(ReadOnlySpan<char> host, ReadOnlySpan<char> ownHost) =>
        !ownHost.IsEmpty && WithoutWww(host).Equals(WithoutWww(ownHost), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> WithoutWww(ReadOnlySpan<char> host) =>
        host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host[4..] : host;
}
