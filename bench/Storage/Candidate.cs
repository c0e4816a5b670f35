namespace Weir.Storage;

/// <summary>A form that table hits could have.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Says">What it changes.</param>
/// <param name="Schema">The newest migration that is applied first.</param>
/// <param name="OrderBy">The order of rows; null for that of the migrations.</param>
/// <param name="Columns">Columns by name with type and codec; others stay as the migrations have them.</param>
/// <param name="HasTimedIds">Whether hits have the ids of that time, which repeat the time.</param>
internal sealed record Candidate(string Name, string Says, int Schema, string? OrderBy, IReadOnlyDictionary<string, string> Columns, bool HasTimedIds = false)
{
    /// <summary>The table as it was before its columns were measured.</summary>
    public const int SchemaBefore = 9;

    private const string ByClientInHour = "site, toStartOfHour(time), client_address, time, hit_id";

    private static readonly Dictionary<string, string> None = [];

    /// <summary>All of them; the first is what others are compared with.</summary>
    public static IReadOnlyList<Candidate> All { get; } =
    [
        new("before", "the table and the ids up to schema 9", SchemaBefore, null, None, HasTimedIds: true),
        new("by-client", "the columns in force, rows by client within an hour", int.MaxValue, ByClientInHour, None),
        new("in-force", "the table as this program makes it", int.MaxValue, null, None),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(c => c.Name)];
}
