using System.Text.Json;

namespace Weir.Scheduling.Results;

/// <summary>How a brand stands in the engines' answers.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Brand">Its name.</param>
/// <param name="Targets">Its queries on engines.</param>
/// <param name="Scanned">Those with any result.</param>
/// <param name="Cited">Those whose last result cites it.</param>
/// <param name="Gap">Those whose last result does not.</param>
/// <param name="LostCitation">Those whose last result has lost the citation that there was.</param>
/// <param name="LastScan">When one of them was last scanned; null before.</param>
/// <param name="Scans">Scans of the span that gave a result.</param>
/// <param name="Changes">Those that found a change.</param>
public sealed record BrandRow(
    long Id, string Brand, long Targets, long Scanned, long Cited, long Gap, long LostCitation, DateTimeOffset? LastScan, long Scans, long Changes);

/// <summary>A brand on one engine.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Targets">Its queries there.</param>
/// <param name="Cited">Those whose last result cites it.</param>
/// <param name="Gap">Those whose last result does not.</param>
/// <param name="LostCitation">Those whose last result has lost the citation that there was.</param>
/// <param name="Scans">Scans of the span that gave a result.</param>
/// <param name="Changes">Those that found a change.</param>
/// <param name="Cost">What these scans cost, by what one costs at the engine.</param>
public sealed record BrandEngineRow(string Engine, long Targets, long Cited, long Gap, long LostCitation, long Scans, long Changes, double Cost);

/// <summary>A brand's scans of one day.</summary>
/// <param name="Day">The day (UTC).</param>
/// <param name="Scans">Scans that gave a result.</param>
/// <param name="Cited">Those that cite it.</param>
/// <param name="Changes">Those that found a change.</param>
/// <param name="Lost">Those that found the citation gone.</param>
public sealed record BrandDay(DateOnly Day, long Scans, long Cited, long Changes, long Lost);

/// <summary>A brand in detail.</summary>
/// <param name="Brand">In sum.</param>
/// <param name="Engines">By engine, in the order of their names.</param>
/// <param name="Days">Days with scans, the oldest first.</param>
public sealed record BrandReport(BrandRow Brand, IReadOnlyList<BrandEngineRow> Engines, IReadOnlyList<BrandDay> Days);

/// <summary>What one scan of any target found.</summary>
/// <param name="Id">Its number, rising with time.</param>
/// <param name="Scan">The scan.</param>
/// <param name="Target">The target.</param>
/// <param name="Brand">Its brand.</param>
/// <param name="Query">Its query.</param>
/// <param name="Engine">Its engine.</param>
/// <param name="At">When it was reported.</param>
/// <param name="Result"><c>cited</c>, <c>gap</c> or <c>lost_citation</c>.</param>
/// <param name="Changed">Whether the brand is cited where it was not before, or the other way round; null for a target's first result.</param>
/// <param name="Evidence">What the worker sent as proof: hostile text.</param>
public sealed record ResultRow(
    long Id, long Scan, long Target, string Brand, string Query, string Engine, DateTimeOffset At, string Result, bool? Changed, JsonElement? Evidence);

/// <summary>Which results; null for any.</summary>
/// <param name="Result">Only these.</param>
/// <param name="Changed">Only those that found a change, or none.</param>
/// <param name="Engine">Only of this engine.</param>
/// <param name="Brand">Only of the brand with this number.</param>
public sealed record ResultFilter(ScanResult? Result = null, bool? Changed = null, string? Engine = null, long? Brand = null);
