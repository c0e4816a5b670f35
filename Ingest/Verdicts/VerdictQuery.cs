namespace Weir.Ingest.Verdicts;

/// <summary>What later knowledge says of the hits of a span, as a report takes it.</summary>
public sealed class Amendments
{
    /// <summary>Hits that a report lists in its question. More are found by the question itself: a text of all would be longer than a server reads.</summary>
    public const int ListedMax = 2_000;

    /// <summary>Nothing is amended: every hit reads as it was judged.</summary>
    public static readonly Amendments None = new([]);

    /// <summary>More is amended than can be listed.</summary>
    public static readonly Amendments Many = new(null);

    private readonly IReadOnlyList<AmendedLine>? _lines;

    private Amendments(IReadOnlyList<AmendedLine>? lines) => _lines = lines;

    /// <summary>The amended hits as lines of tab-separated values, for parameter <c>amended</c>; empty without any, null with too many.</summary>
    public string? Rows => _lines is null ? null : string.Concat(_lines.Select(l => l.Text));

    /// <summary>The amended hits; null with too many.</summary>
    public IReadOnlyList<AmendedLine>? Lines => _lines;

    /// <summary>These hits.</summary>
    public static Amendments Of(IReadOnlyList<AmendedLine> lines) => lines.Count switch { 0 => None, > ListedMax => Many, _ => new Amendments(lines) };

    /// <summary>Whether one of them may lie between two times, both inside.</summary>
    public bool MayTouch(long firstMs, long lastMs) => _lines is null || _lines.Any(l => l.TimeMs >= firstMs && l.TimeMs <= lastMs);
}

/// <summary>An amended hit.</summary>
/// <param name="TimeMs">Its time.</param>
/// <param name="Text">Tab-separated values with their line's end, as <see cref="VerdictSql.ListedColumns"/> orders them.</param>
/// <param name="Was">What it was judged.</param>
/// <param name="Reads">What it reads as.</param>
public readonly record struct AmendedLine(long TimeMs, string Text, HitSort Was, HitSort Reads);

/// <summary>What hits have in common that reports count together.</summary>
/// <param name="Kind">What sort of client.</param>
/// <param name="Crawler">Id of the crawler that they claim; empty without a claim.</param>
/// <param name="Operator">Who runs it.</param>
/// <param name="Purpose">Why it fetches.</param>
/// <param name="Identity">What checking the claim gave.</param>
/// <param name="ReferralClass">What sort of page sent them.</param>
public readonly record struct HitSort(string Kind, string Crawler, string Operator, string Purpose, string Identity, string ReferralClass);

/// <summary>A report's SQL, in the forms that its span may need: nothing is amended, the amended hits are listed in a parameter, or they are looked for; and
/// each with or without the hits beside the span's whole hours.</summary>
/// <remarks>ClickHouse plans a question anew each time, and plans what a CTE says wherever it is named. Looking for amended hits takes 100 to 250 ms of
/// planning, whatever is stored; listed ones a fifth of it; the edges of a span 5 ms, where the rest takes 10.</remarks>
public sealed class VerdictQuery
{
    private readonly (string AsGiven, string Listed, string Joined) _withEdges, _withoutEdges;

    /// <summary>Writes the SQL once for each form.</summary>
    /// <param name="sql">Makes the SQL of its parts; it must need no parameter but those of <see cref="VerdictSql"/> and its own.</param>
    public VerdictQuery(Func<VerdictParts, string> sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        _withEdges = Forms(true);
        _withoutEdges = Forms(false);

        (string, string, string) Forms(bool hasEdges) => (
            sql(new VerdictParts(null, hasEdges)), sql(new VerdictParts(VerdictSql.Listed, hasEdges)), sql(new VerdictParts(VerdictSql.Amended, hasEdges)));
    }

    /// <summary>SQL whose text depends on what is asked: written once, in the form that its span needs.</summary>
    /// <param name="sql">Makes the SQL of its parts.</param>
    /// <param name="amendments">What amends the span's hits.</param>
    public static string Write(Func<VerdictParts, string> sql, Amendments amendments)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(amendments);
        string? amended = amendments == Amendments.None ? null : amendments == Amendments.Many ? VerdictSql.Amended : VerdictSql.Listed;
        return sql(new VerdictParts(amended, hasEdges: true));
    }

    /// <summary>The SQL for a span with these amendments. With listed ones it has the parameter <c>amended</c>.</summary>
    /// <param name="amendments">What amends the span's hits.</param>
    /// <param name="hasEdges">Whether the span reaches beyond its whole hours.</param>
    public string For(Amendments amendments, bool hasEdges = true)
    {
        ArgumentNullException.ThrowIfNull(amendments);
        var forms = hasEdges ? _withEdges : _withoutEdges;
        return amendments == Amendments.None ? forms.AsGiven : amendments == Amendments.Many ? forms.Joined : forms.Listed;
    }
}

/// <summary>Parts of a <see cref="VerdictQuery"/>.</summary>
public sealed class VerdictParts
{
    private readonly string? _amended;
    private readonly bool _hasEdges;

    internal VerdictParts(string? amended, bool hasEdges) => (_amended, _hasEdges) = (amended, hasEdges);

    /// <summary>Behind WITH: CTE <c>amended</c> and a comma, or nothing.</summary>
    public string Amended => _amended is null ? "" : _amended + ",";

    /// <summary>Behind WITH: CTEs <c>amended</c> and <c>corrections</c> and a comma, or nothing.</summary>
    public string Corrections => _amended is null ? "" : $"{_amended}, {VerdictSql.Corrections},";

    /// <summary>Behind WITH: CTE <c>judged</c>, with <c>amended</c> where it needs that; no comma.</summary>
    public string Judged => _amended is null ? VerdictSql.JudgedAsGiven : $"{_amended}, {VerdictSql.Judged}";

    /// <summary>A part of SQL that only a span with amendments needs.</summary>
    public string IfAmended(string sql) => _amended is null ? "" : sql;

    /// <summary>A part of SQL that only a span needs that reaches beyond its whole hours.</summary>
    public string IfEdges(string sql) => _hasEdges ? sql : "";

    /// <summary>One part of SQL or another.</summary>
    public string IfAmended(string sql, string otherwise) => _amended is null ? otherwise : sql;
}
