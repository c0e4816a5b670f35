using System.Text.Json;
using System.Text.Json.Serialization;
using Weir.Control;
using Weir.Control.Sql;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>Checks wishes for targets before they reach the store: names, engines, sites of the tenant, patterns. Immutable.</summary>
public sealed class TargetRules
{
    /// <summary>Characters of a brand's or topic's name, at most.</summary>
    public const int NameLength = 200;

    private const int QueryLength = 1000;
    private const int MaxEngines = 100;
    private const int MaxTopics = 50;
    private const int MaxPages = 1000;

    // A misspelt field would be lost without a word: refuse it.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly EngineCatalog _engines;
    private readonly HashSet<SiteId> _sites;
    private readonly SiteHosts _hosts;
    private readonly string _knownSites;
    private readonly bool _mayLackPages;

    private TargetRules(EngineCatalog engines, IEnumerable<SiteId> sites, SiteHosts hosts, bool mayLackPages)
    {
        _mayLackPages = mayLackPages;
        _engines = engines;
        _hosts = hosts;
        _sites = [.. sites];
        _knownSites = _sites.Count == 0 ? "There are none yet." : $"Known: {string.Join(", ", _sites.Take(20))}{(_sites.Count > 20 ? ", …" : "")}.";
    }

    /// <summary>Rules for a caller, as of now.</summary>
    public static async Task<TargetRules> ForAsync(Reach reach, SqlSiteHosts hosts, EngineCatalog engines, CancellationToken stop)
    {
        var known = await hosts.OfAsync(reach.Tenant, stop);
        return new TargetRules(
            engines, known.Sites.Where(id => reach.Sites is null || reach.Sites.Contains(id)).OrderBy(id => id.Value, StringComparer.Ordinal), known, mayLackPages: reach.Sites is null);
    }

    /// <summary>Reads one JSON object.</summary>
    /// <returns>The targets that it asks for; none when there are errors.</returns>
    public IReadOnlyList<NewTarget> Read(JsonElement json, List<FieldError> errors)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            errors.Add(new FieldError("", "Write an object with brand, query, engines and pages."));
            return [];
        }
        try
        {
            return Read(json.Deserialize<TargetDraft>(Json)!, errors);
        }
        catch (JsonException e)
        {
            errors.Add(new FieldError(FieldOf(e.Path), "Not a field of a target, or a value of the wrong type. Fields: brand, query, engines or engine, "
                + "pages (site, pattern, weight), topics, site."));
            return [];
        }
    }

    /// <summary>Checks one draft.</summary>
    /// <returns>The targets that it asks for; none when there are errors.</returns>
    public IReadOnlyList<NewTarget> Read(TargetDraft draft, List<FieldError> errors)
    {
        int before = errors.Count;
        string brand = Text("brand", draft.Brand, NameLength, errors);
        string query = Text("query", draft.Query, QueryLength, errors);
        var engines = Engines(draft, errors);
        var topics = Topics(draft, errors);
        var pages = Pages(draft, topics.Count > 0, errors);
        return errors.Count > before ? [] : [.. engines.Select(engine => new NewTarget(brand, query, engine, pages, topics))];
    }

    /// <summary>Checks a topic.</summary>
    /// <returns>Its name and pages, as far as they are right.</returns>
    public (string Name, IReadOnlyList<PageLink> Pages) ReadTopic(string? name, IReadOnlyList<PageDraft?>? pages, List<FieldError> errors) =>
        (Text("name", name, NameLength, errors), Pages(new TargetDraft { Pages = pages }, hasTopics: true, errors));

    private static string Text(string field, string? value, int maxLength, List<FieldError> errors)
    {
        string text = value?.Trim() ?? "";
        if (text.Length == 0)
            errors.Add(new FieldError(field, "Is missing."));
        else if (text.Length > maxLength)
            errors.Add(new FieldError(field, $"Has {text.Length} characters; at most {maxLength} are allowed."));
        else if (text.Any(char.IsControl))
            errors.Add(new FieldError(field, "Has control characters. Write plain text on one line."));
        return text;
    }

    private List<string> Engines(TargetDraft draft, List<FieldError> errors)
    {
        var wishes = draft.Engines is null
            ? [("engine", draft.Engine)]
            : draft.Engines.Select((engine, i) => ($"engines[{i}]", engine)).ToList();
        if (wishes.Count is 0 or > MaxEngines)
            errors.Add(new FieldError("engines", $"Name 1 to {MaxEngines} engines. Known: {string.Join(", ", _engines.Engines)}."));
        foreach (var (field, engine) in wishes.Take(MaxEngines).Where(w => w.Item2 is null || !_engines.IsKnown(w.Item2.Trim())))
        {
            string what = string.IsNullOrWhiteSpace(engine) ? "Is missing." : $"'{Head(engine)}' is not an engine that a crawler of the catalog feeds.";
            errors.Add(new FieldError(field, $"{what} Known: {string.Join(", ", _engines.Engines)}."));
        }
        return [.. wishes.Select(w => w.Item2?.Trim() ?? "").Distinct(StringComparer.Ordinal)];
    }

    private static List<string> Topics(TargetDraft draft, List<FieldError> errors)
    {
        var wishes = draft.Topics ?? [];
        if (wishes.Count > MaxTopics)
            errors.Add(new FieldError("topics", $"Name at most {MaxTopics} topics."));
        return [.. wishes.Take(MaxTopics).Select((topic, i) => Text($"topics[{i}]", topic, NameLength, errors)).Distinct(StringComparer.Ordinal)];
    }

    private List<PageLink> Pages(TargetDraft draft, bool hasTopics, List<FieldError> errors)
    {
        var links = new Dictionary<(SiteId, string), PageLink>();
        // Its pages may be found later, by their words. A key of some sites sees its targets by their pages alone.
        if ((hasTopics || (_mayLackPages && draft.Site is null)) && draft.Pages is not { Count: > 0 })
            return [];
        if (draft.Pages is not { Count: > 0 and <= MaxPages } drafts)
        {
            errors.Add(new FieldError("pages", $"Name 1 to {MaxPages} pages that the answer may draw on, such as {{\"site\":\"demo\",\"pattern\":\"/pricing\"}}, or a topic."
                + (_mayLackPages ? " Without a site too, pages may be suggested for it later." : "")));
            return [];
        }
        for (int i = 0; i < drafts.Count; i++)
        {
            if (Page(drafts[i] ?? new PageDraft(), draft.Site, $"pages[{i}]", errors) is { } link)
                links[(link.Site, link.Pattern)] = link;
        }
        return [.. links.Values];
    }

    private PageLink? Page(PageDraft draft, string? defaultSite, string field, List<FieldError> errors)
    {
        int before = errors.Count;
        string pattern = draft.Pattern?.Trim() ?? "";
        string? siteName = draft.Site ?? defaultSite;
        if (Uri.TryCreate(pattern, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            siteName ??= _hosts.Find(url!.IdnHost)?.Value ?? url.IdnHost;
            pattern = url!.AbsolutePath;
        }
        if (!PagePattern.IsValid(pattern))
            errors.Add(new FieldError($"{field}.pattern", $"'{Head(pattern)}' is not a pattern. Write {PagePattern.Rule}."));
        if (!SiteId.TryParse(siteName?.Trim(), null, out var site) || !_sites.Contains(site))
            errors.Add(new FieldError($"{field}.site", $"'{Head(siteName ?? "")}' is not a site of yours. {_knownSites}"));
        if (draft.Weight is { } weight && !(weight > 0 && weight <= 1))
            errors.Add(new FieldError($"{field}.weight", "Write a number above 0 and up to 1."));
        return errors.Count > before ? null : new PageLink(site, pattern, draft.Weight ?? 1);
    }

    private static string Head(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    private static string FieldOf(string? path) => path is null ? "" : path.TrimStart('$').TrimStart('.');
}
