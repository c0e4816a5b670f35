using Weir.Detection;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Suggestions;

/// <summary>Finds the pages of a tenant that answer a query by their words. Safe from any thread.</summary>
/// <remarks>BM25 says which page is best and nothing of whether any is good: the best page for nonsense has a rank too. So a page must cover the query: it has words that make up half of what the
/// query says, a word saying the more the fewer pages have it. Figures of both on a small corpus: docs/suggestions.md.</remarks>
public sealed class SuggestionFinder(PageIndexes indexes)
{
    /// <summary>Pages suggested for one query, at most.</summary>
    public const int PagesMax = 5;

    /// <summary>What part of a query a page must have.</summary>
    public const double CoverageMin = 0.5;

    // Further words would find no page that these do not.
    private const int WantedMax = 8;

    // A word in the text alone may stand there in passing.
    private const double TextWorth = 0.8;

    /// <summary>The score below which a page is not suggested unless somebody asks for it.</summary>
    public const double ScoreMin = 0.25;

    /// <summary>The best pages for a query, the best first.</summary>
    /// <param name="tenant">Whose pages.</param>
    /// <param name="sites">The only sites, all of them the tenant's.</param>
    /// <param name="query">The query.</param>
    /// <param name="withAnswered">Whether pages that its targets have already, or that were refused for it, are among them.</param>
    /// <exception cref="PageIndexException">The index cannot be read.</exception>
    public IReadOnlyList<Suggestion> Find(string tenant, IReadOnlyCollection<SiteId> sites, SuggestedQuery query, bool withAnswered = false)
    {
        ArgumentNullException.ThrowIfNull(query);
        var words = SearchWords.OfQuery(query.Text, query.Brand);
        if (words.Count == 0 || sites.Count == 0)
            return [];
        return indexes.Read<IReadOnlyList<Suggestion>>(tenant, [], index =>
        {
            var (pages, counts) = index.Rarity(words);
            var wanted = Wanted(words, pages, counts);
            if (wanted.Count == 0)
                return [];
            double[] worths = [.. counts.Select(c => Worth(pages, c))];
            var found = index.Find(wanted, words, sites.Select(s => s.Value));
            if (found.Count == 0)
                return [];
            var covering = found.Where(f => Share(f.Has, worths) >= CoverageMin && CanBeLinked(f.Key)).ToList();
            var inTitle = index.InTitle(words, covering.Select(f => f.Id));
            var seen = new HashSet<(string, string)>();
            var chosen =
                from page in covering
                let score = page.Rank / found[0].Rank * ((TextWorth * Share(page.Has, worths)) + ((1 - TextWorth) * Share([.. inTitle.Select(t => t.Contains(page.Id))], worths)))
                let suggestion = new Suggestion(SiteId.Parse(page.Key.Site), page.Key.Host, page.Key.Path, "", Math.Round(score, 3), Math.Round(Share(page.Has, worths), 3),
                    [.. words.Where((_, i) => page.Has[i])], "")
                where withAnswered || !(IsLinked(query, suggestion.Site, suggestion.Path) || IsRejected(query, suggestion))
                orderby score descending
                // A path on two hosts of a site is one link.
                where seen.Add((page.Key.Site, PagePattern.Normalise(page.Key.Path)))
                select (page.Id, Suggestion: suggestion);
            return
            [
                .. from one in chosen.Take(PagesMax)
                   let shown = index.Show(one.Id, wanted)
                   where shown is not null
                   select one.Suggestion with { Title = shown.Value.Title, Snippet = shown.Value.Snippet }
            ];
        });
    }

    private static List<string> Wanted(IReadOnlyList<string> words, long pages, IReadOnlyList<long> counts)
    {
        var known = words.Zip(counts, (word, count) => (Word: word, Count: count)).Where(w => w.Count > 0).OrderBy(w => w.Count).ToList();
        // What is on most pages tells none apart, and costs the most to rank by.
        var rare = known.FindAll(w => w.Count * 2 <= pages || w.Count <= 3);
        return [.. rare.Take(WantedMax).Select(w => w.Word)];
    }

    // BM25's own weight of a word. A word that no page has is as rare as can be told.
    private static double Worth(long pages, long count) => Math.Log(1 + ((pages - Math.Max(1, count) + 0.5) / (Math.Max(1, count) + 0.5)));

    // What part of the query some of its words are.
    private static double Share(IReadOnlyList<bool> has, double[] worths) => worths.Where((_, i) => has[i]).Sum() / worths.Sum();

    // A link of exactly this page can be written; a star in a path would speak of others too.
    private static bool CanBeLinked(PageKey page) => PagePattern.IsValid(page.Path) && !page.Path.Contains('*');

    /// <summary>Whether all targets of a query have a page.</summary>
    public static bool IsLinked(SuggestedQuery query, SiteId site, string path)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query.Targets.All(t => query.Links.Any(l => l.Target == t && l.Site == site && PagePattern.IsMatch(l.Pattern, path)));
    }

    private static bool IsRejected(SuggestedQuery query, Suggestion page) =>
        query.Rejected.Any(r => r.Site == page.Site && PagePattern.Normalise(r.Pattern) == PagePattern.Normalise(page.Path));
}
