namespace Weir.Detection.Identification;

/// <summary>What came of one fetch of one list.</summary>
/// <param name="File">The list.</param>
/// <param name="Url">Where it was fetched from.</param>
/// <param name="State">What came of it.</param>
/// <param name="Refusal">Why it was refused; null when it was not.</param>
/// <param name="Why">What is wrong, for people; null when nothing is.</param>
/// <param name="InForce">The version in force after it.</param>
public sealed record RangeRefreshReport(string File, Uri Url, RangeFetchState State, RefusalReason? Refusal, string? Why, RangeList InForce);
