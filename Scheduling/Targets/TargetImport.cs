using System.Text.Json.Serialization;

namespace Weir.Scheduling.Targets;

/// <summary>Takes the rows of an import into the store, some at a time, and counts what became of them.</summary>
public sealed class TargetImport(ITargets targets)
{
    // One transaction of some 100 ms: other writers wait no longer, and the import pays for few commits.
    private const int BatchSize = 2000;

    // People mend a few kinds of errors at a time; the number of all is counted anyway.
    private const int MaxErrors = 100;

    private const int MaxPatterns = 1000;

    /// <summary>Imports every row that can be read. Importing the same rows again changes nothing.</summary>
    public async Task<ImportSummary> RunAsync(string tenant, IAsyncEnumerable<TargetRow> rows, CancellationToken stop)
    {
        var summary = new ImportSummary();
        var waiting = new List<NewTarget>();
        await foreach (var row in rows.WithCancellation(stop))
        {
            summary.Rows++;
            if (row.Errors.Count > 0)
            {
                summary.Rejected++;
                summary.Errors.AddRange(row.Errors.Take(MaxErrors - summary.Errors.Count).Select(e => new RowError(row.Row, e.Field, e.Error)));
            }
            waiting.AddRange(row.Targets);
            foreach (var page in row.Targets.SelectMany(t => t.Pages).TakeWhile(_ => summary.Patterns.Count < MaxPatterns))
                summary.Patterns.Add(new PagePatternOfSite(page.Site, page.Pattern));
            if (waiting.Count >= BatchSize)
                await StoreAsync(tenant, waiting, summary, stop);
        }
        await StoreAsync(tenant, waiting, summary, stop);
        return summary;
    }

    private async Task StoreAsync(string tenant, List<NewTarget> waiting, ImportSummary summary, CancellationToken stop)
    {
        foreach (var answer in waiting.Count == 0 ? [] : await targets.UpsertAsync(tenant, waiting, stop))
        {
            switch (answer.Change)
            {
                case TargetChange.Created:
                    summary.Created++;
                    break;
                case TargetChange.Linked:
                    summary.Linked++;
                    break;
                case TargetChange.None:
                    summary.Unchanged++;
                    break;
                default:
                    throw new InvalidOperationException($"{answer.Change} is not counted.");
            }
        }
        waiting.Clear();
    }
}

/// <summary>What became of an import.</summary>
public sealed record ImportSummary
{
    /// <summary>Rows read.</summary>
    public int Rows { get; internal set; }

    /// <summary>Targets made.</summary>
    public int Created { get; internal set; }

    /// <summary>Targets that were there and got new pages or weights.</summary>
    public int Linked { get; internal set; }

    /// <summary>Targets that were there just so.</summary>
    public int Unchanged { get; internal set; }

    /// <summary>Rows refused.</summary>
    public int Rejected { get; internal set; }

    /// <summary>Why, for the first hundred.</summary>
    public List<RowError> Errors { get; } = [];

    /// <summary>Patterns that may be mistakes.</summary>
    public IReadOnlyList<PatternWarning> Warnings { get; init; } = [];

    /// <summary>Patterns of the rows, for <see cref="Warnings"/>; the first thousand.</summary>
    [JsonIgnore]
    public HashSet<PagePatternOfSite> Patterns { get; } = [];
}

/// <summary>What is wrong with a row.</summary>
/// <param name="Row">Its number, from 1.</param>
/// <param name="Field">The field; empty for the row as a whole.</param>
/// <param name="Error">What is wrong and what to write instead.</param>
public sealed record RowError(int Row, string Field, string Error);
