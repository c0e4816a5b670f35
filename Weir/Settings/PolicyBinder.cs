using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Hosting;

namespace Weir.Settings;

/// <summary>Reads the rules of a site's policy; every wrong value is named with its mend.</summary>
internal static partial class PolicyBinder
{
    /// <summary>Rules of one site; asking each costs time on every request.</summary>
    public const int RulesMax = 256;

    private const int NameMax = 64;

    /// <summary>What a window's count holds.</summary>
    public const int RequestsMax = 60_000;

    // Loaded once, and only when a rule names a crawler or operator.
    private static readonly Lazy<CatalogNames> Catalog = new(() => new CatalogNames(Catalogs.Load()));

    /// <summary>Reads the rules of a section's list <c>policy</c>; wrong ones are noted and left out.</summary>
    public static IReadOnlyList<PolicyRule> Bind(Section site)
    {
        var rules = new List<PolicyRule>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var sections = site.Objects("policy").ToList();
        if (sections.Count > RulesMax)
            site.Errors.Add(sections[RulesMax].At, sections[RulesMax].Path, $"A site has at most {RulesMax} rules.", "One rule may name many crawlers, purposes and paths: join some.");
        foreach (var section in sections)
        {
            string? name = Name(section, names);
            var action = Action(section);
            var rule = new PolicyRule
            {
                Name = name ?? "",
                Action = action ?? PolicyAction.None,
                IsEnforced = Mode(section),
                Crawlers = Known(section, "crawlers", () => Catalog.Value.Crawlers, "crawler of the catalog"),
                Operators = Known(section, "operators", () => Catalog.Value.Operators, "operator of the catalog"),
                Purposes = Purposes(section),
                Identities = Words<Identity>(section, "identities", i => i.ToName()),
                Kinds = Words<VerdictKind>(section, "kinds", k => k.ToName()),
                Countries = GeoBinder.Countries(section),
                Referrals = Words<ReferralClass>(section, "referrals", r => r.ToName()),
                ScoreMin = (byte)section.Integer("scoreMin", 0, 100, 0),
                ScoreMax = (byte)section.Integer("scoreMax", 0, 100, 100),
                Paths = Paths(section),
                Methods = Methods(section),
                Limit = Limit(section, action),
                Price = Price(section, action),
                Contact = Contact(section),
            };
            if (rule.ScoreMin > rule.ScoreMax)
                section.Errors.Add(section.At, section.PathOf("scoreMin"), $"No score is from {rule.ScoreMin} to {rule.ScoreMax}.", "Write the smaller number as scoreMin.");
            if (name is null || action is null)
                continue;
            Warn(section, rules, rule);
            rules.Add(rule);
        }
        return rules;
    }

    /// <summary>Reads a list <c>purposes</c>; wrong words are noted and left out.</summary>
    public static IReadOnlyList<Purpose> Purposes(Section section) => Words<Purpose>(section, "purposes", p => p.ToName(), Purpose.None);

    private static void Warn(Section section, List<PolicyRule> before, PolicyRule rule)
    {
        if (before.Find(b => b.IsEnforced && RuleCover.Covers(b, rule)) is { } cover)
        {
            section.Errors.Warnings.Add(new SettingError(section.At, section.Path, $"The rule '{rule.Name}' never decides: '{cover.Name}' before it matches all that it matches.",
                "Put the narrower rule first, or remove one."));
        }
    }

    private static string? Name(Section rule, Dictionary<string, string> known)
    {
        if (rule.Text("name") is not { } given)
        {
            if (!rule.Has("name"))
                rule.Errors.Add(rule.At, rule.PathOf("name"), "A rule has no name.", "Write \"name\": \"no-training\", or any short name that stays: hits carry it.");
            return null;
        }
        if (given.Value.Length is 0 or > NameMax || given.Value.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            given.Refuse($"'{given.Value}' is no name of a rule.", $"Use up to {NameMax} letters, digits, dots, dashes and underscores.");
        else if (given.Value == SiteLimitBinder.Name)
            given.Refuse($"The name '{given.Value}' is the site's own limit's.", "Choose another name.");
        else if (!known.TryAdd(given.Value, given.Node.At))
            given.Refuse($"The name '{given.Value}' is taken by the rule at {known[given.Value]}.", "Give each rule of a site its own name.");
        else
            return given.Value;
        return null;
    }

    private static PolicyAction? Action(Section rule)
    {
        if (rule.Text("action") is not { } given)
        {
            if (!rule.Has("action"))
                rule.Errors.Add(rule.At, rule.PathOf("action"), "A rule has no action.", "Write \"action\": \"observe\", allow, tag, limit, block or price.");
            return null;
        }
        PolicyAction? action = given.Value switch
        {
            "observe" => PolicyAction.Observe,
            "allow" => PolicyAction.Allow,
            "tag" => PolicyAction.Tag,
            "limit" => PolicyAction.Limit,
            "block" => PolicyAction.Block,
            "price" => PolicyAction.Price,
            _ => null,
        };
        if (action is null)
            given.Refuse($"'{given.Value}' is no action.", MendWord(given.Value, ["observe", "allow", "tag", "limit", "block", "price"]));
        return action;
    }

    /// <summary>Whether a rule acts.</summary>
    public static bool Mode(Section rule)
    {
        switch (rule.Text("mode"))
        {
            case null or { Value: "dry-run" }:
                return false;
            case { Value: "enforce" }:
                return true;
            case { } given:
                given.Refuse($"'{given.Value}' is no mode.", "Write dry-run (as without it) or enforce.");
                return false;
        }
    }

    private static List<string> Known(Section rule, string setting, Func<FrozenDictionary<string, string?>> known, string what)
    {
        var found = new List<string>();
        foreach (var given in rule.Texts(setting))
        {
            if (!known().TryGetValue(given.Value, out string? name))
                given.Refuse($"'{given.Value}' is no {what}.", MendWord(given.Value, known().Keys, "config/crawlers.json has them all."));
            else if (name is null)
                given.Refuse($"'{given.Value}' is a name for robots.txt alone: no request comes from it.", "Refuse it in robots.txt; a request that carries the name is spoofed.");
            else
                found.Add(name);
        }
        return found;
    }

    private static List<T> Words<T>(Section rule, string setting, Func<T, string> nameOf, params T[] except) where T : struct, Enum
    {
        var words = Enum.GetValues<T>().Except(except).ToDictionary(nameOf, StringComparer.Ordinal);
        var found = new List<T>();
        foreach (var given in rule.Texts(setting))
        {
            if (words.TryGetValue(given.Value, out var value))
                found.Add(value);
            else
                given.Refuse($"'{given.Value}' is none of {setting}.", MendWord(given.Value, words.Keys));
        }
        return found;
    }

    /// <summary>Reads a list of paths as in robots.txt; wrong ones are noted and left out.</summary>
    public static List<string> Paths(Section rule)
    {
        var paths = new List<string>();
        foreach (var given in rule.Texts("paths"))
        {
            if (given.Value.Length is 0 or > 1024 || given.Value[0] is not ('/' or '*') || given.Value.Any(c => c is <= ' ' or >= '\x7f' or '?' or '#'))
                given.Refuse($"'{given.Value}' is no path.", "Write one as in robots.txt: /private/ for all below it, *.pdf$ for an ending. The query is not looked at.");
            else
                paths.Add(given.Value);
        }
        return paths;
    }

    private static List<string> Methods(Section rule)
    {
        var methods = new List<string>();
        foreach (var given in rule.Texts("methods"))
        {
            string method = given.Value.ToUpperInvariant();
            if (method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS")
                methods.Add(method);
            else
                given.Refuse($"'{given.Value}' is no method that rules know.", "Write GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.");
        }
        return methods;
    }

    private static RequestLimit? Limit(Section rule, PolicyAction? action)
    {
        long? requests = rule.Integer("requests", 1, RequestsMax);
        int seconds = rule.Integer("seconds", 1, 86_400, RequestLimit.SecondsOtherwise);
        var per = LimitScope.Client;
        if (rule.Text("per") is { } given)
        {
            if (given.Value is not ("client" or "crawler"))
                given.Refuse($"'{given.Value}' is nothing to count by.", "Write client (each address for itself) or crawler (all its addresses together).");
            per = given.Value == "crawler" ? LimitScope.Crawler : LimitScope.Client;
        }
        if (action == PolicyAction.Limit)
        {
            return new RequestLimit((int)(requests ?? RequestLimit.RequestsOtherwise), seconds, per);
        }
        foreach (string extra in (string[])["requests", "seconds", "per"])
            RefuseExtra(rule, extra, "limit", action);
        return null;
    }

    private static string? Price(Section rule, PolicyAction? action)
    {
        if (action != PolicyAction.Price)
        {
            RefuseExtra(rule, "price", "price", action);
            return null;
        }
        if (rule.Text("price") is not { } given)
        {
            if (!rule.Has("price"))
                rule.Errors.Add(rule.At, rule.PathOf("price"), "No price is given.", "Write \"price\": \"USD 0.01\": a currency and an amount for one request.");
            return null;
        }
        if (PriceForm().IsMatch(given.Value))
            return given.Value;
        given.Refuse($"'{given.Value}' is no price.", "Write a currency in three capitals and an amount, such as USD 0.01.");
        return null;
    }

    /// <summary>Where who is refused may turn to.</summary>
    public static string? Contact(Section rule)
    {
        if (rule.Text("contact") is not { } given)
            return null;
        bool isUrl = Uri.TryCreate(given.Value, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" or "mailto"
            && !given.Value.Any(c => c is <= ' ' or >= '\x7f' or '<' or '>' or '"');
        if (isUrl)
            return given.Value;
        given.Refuse($"'{given.Value}' is no address to turn to.", "Write one such as https://example.com/crawlers or mailto:web@example.com.");
        return null;
    }

    private static void RefuseExtra(Section rule, string setting, string of, PolicyAction? action)
    {
        if (action is not null && rule.Has(setting))
            rule.Errors.Add(rule.Node!.Find(setting)!.At, rule.PathOf(setting), $"'{setting}' belongs to the action {of}.", $"Remove it, or write \"action\": \"{of}\".");
    }

    private static string MendWord(string wrong, IEnumerable<string> known, string? all = null) =>
        NearestName.Of(wrong, known) is { } near ? $"Did you mean '{near}'?" : all ?? $"Write one of {string.Join(", ", known)}.";

    [GeneratedRegex("^[A-Z]{3} [0-9]{1,9}(\\.[0-9]{1,9})?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PriceForm();

    // Each name in any case, and how the catalog writes it; null for what sends no requests.
    private sealed class CatalogNames(CrawlerCatalog catalog)
    {
        public FrozenDictionary<string, string?> Crawlers { get; } = catalog.Crawlers
            .ToFrozenDictionary(c => c.Id, c => c.IsRobotsTokenOnly ? null : c.Id, StringComparer.OrdinalIgnoreCase);

        public FrozenDictionary<string, string?> Operators { get; } = catalog.Crawlers.DistinctBy(c => c.Operator, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(c => c.Operator, c => (string?)c.Operator, StringComparer.OrdinalIgnoreCase);
    }
}
