using System.Globalization;
using Weir.Detection;

namespace Weir.Analytics.Api.Reports;

/// <summary>A verdict in sentences for people.</summary>
internal static class Why
{
    /// <summary>Stored names of the reasons that hold.</summary>
    public static IReadOnlyList<string> Names(ReasonSet reasons)
    {
        var names = new List<string>(reasons.Count);
        foreach (var reason in reasons)
            names.Add(reason.ToName());
        return names;
    }

    public static IReadOnlyList<string> Sentences(HitRow hit, ReasonSet reasons)
    {
        var sentences = new List<string>();
        foreach (var reason in reasons)
            sentences.Add(Of(reason));
        if (Identity(hit) is { } identity)
            sentences.Add(identity);
        return sentences;
    }

    private static string? Identity(HitRow hit) => (hit.Identity, hit.IdentityMethod) switch
    {
        ("verified", "range") => Fill("The address is in the list that {0} publishes for {1} ({2}).", hit),
        ("verified", "reverse-dns") => Fill("The address's name belongs to {0}, and the name leads back to the address.", hit),
        ("verified", "signature") => Fill("The request carries a valid signature of {0}.", hit),
        ("spoofed", "range") => Fill("It says it is {1}, but the address is not in the complete list that {0} publishes ({2}).", hit),
        ("spoofed", "reverse-dns") => Fill("It says it is {1}, but the address's name is not one of {0}.", hit),
        ("spoofed", "signature") => Fill("It says it is {1}, but its signature is not one of {0}.", hit),
        ("spoofed", _) => Fill("It says it is {1}, which no real request of {0} does this way.", hit),
        ("unverifiable", _) => Fill("It says it is {1}, and there is no complete way to check that: neither good nor bad.", hit),
        ("pending", _) => Fill("It says it is {1}; the check is under way.", hit),
        _ => null,
    };

    private static string Of(Reason reason) => reason.ToName().Replace('-', ' ');

    private static string Fill(string form, HitRow hit) => string.Format(
        CultureInfo.InvariantCulture, form, hit.Operator ?? "its operator", hit.CrawlerName ?? "a crawler", hit.RangeList ?? "list");
}
