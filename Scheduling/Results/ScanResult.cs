using System.Diagnostics.CodeAnalysis;

namespace Weir.Scheduling.Results;

/// <summary>What a scan found. The names are promised to programs.</summary>
public enum ScanResult
{
    /// <summary>The answer cites the brand (<c>cited</c>).</summary>
    Cited = 1,

    /// <summary>The answer does not cite it (<c>gap</c>).</summary>
    Gap = 2,

    /// <summary>The answer cited it before and does not now (<c>lost_citation</c>).</summary>
    LostCitation = 3,
}

/// <summary>Names of results.</summary>
public static class ScanResults
{
    /// <summary>All names, for error messages.</summary>
    public const string Names = "cited, gap or lost_citation";

    /// <summary>A result's name in tables and JSON.</summary>
    public static string Name(this ScanResult result) => result switch
    {
        ScanResult.Cited => "cited",
        ScanResult.Gap => "gap",
        ScanResult.LostCitation => "lost_citation",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "Not a result."),
    };

    /// <summary>Reads a name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out ScanResult result)
    {
        result = name switch
        {
            "cited" => ScanResult.Cited,
            "gap" => ScanResult.Gap,
            "lost_citation" => ScanResult.LostCitation,
            _ => default,
        };
        return result != default;
    }
}
