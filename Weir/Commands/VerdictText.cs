using System.Globalization;
using Spectre.Console;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Places;

namespace Weir.Commands;

/// <summary>A verdict in words for people: coloured on a terminal, plain in a pipe.</summary>
internal static class VerdictText
{
    /// <param name="output">Where to.</param>
    /// <param name="request">What was judged.</param>
    /// <param name="verdict">The verdict on it.</param>
    /// <param name="catalog">What it was judged by.</param>
    /// <param name="hostName">The host name that DNS gives the address; empty for none, null when DNS did not say.</param>
    /// <param name="country">Where the address is.</param>
    public static void Write(TextWriter output, ClassifyRequest request, in Verdict verdict, CrawlerCatalog catalog, string? hostName, Country country = default)
    {
        var crawler = verdict.Crawler;
        Line(output, "user agent", request.UserAgent.Length == 0 ? "(none)" : TerminalText.Clean(request.UserAgent));
        Line(output, "kind", $"{verdict.Kind.ToName()}, score {verdict.Score} of 100, confidence {verdict.Confidence:0.00}", ColourOf(verdict));
        if (crawler is not null)
        {
            Line(output, "crawler", $"{crawler.Name} ({crawler.Id})");
            Line(output, "operator", crawler.Operator);
            Line(output, "purpose", crawler.Purpose.ToName() + (crawler.Description.Length > 0 ? $": {crawler.Description}" : ""));
        }
        Line(output, "identity", verdict.Identity.ToName() + Proof(verdict, request.TimeMs), ColourOf(verdict));
        if (hostName is not null)
            Line(output, "host name", hostName.Length == 0 ? "(none)" : TerminalText.Clean(hostName));
        if (country.IsKnown)
            Line(output, "country", country.Code);
        if (verdict.ReferralClass != ReferralClass.None)
            Line(output, "referral", verdict.ReferralClass.ToName() + (verdict.ReferralSource is { } source ? $" ({source})" : ""));
        Line(output, "catalog", $"{catalog.Version}, {catalog.Crawlers.Count} crawlers");
        Line(output, "why", "(+ for a program, - for a person; no number: of identity alone)");
        foreach (var reason in verdict.Reasons)
            Plain(output, $"  {Weight(VerdictEvidence.WeightOf(reason, verdict)),4}  {ReasonText.For(reason, verdict)}");
        if (verdict.IsProxied)
            Plain(output, "        A proxy left marks on the request, so what it may have done counts half.");
        Line(output, "to change", VerdictEvidence.WhatWouldChange(verdict));
    }

    private static string Weight(double weight) => weight == 0 ? "" : weight.ToString("+0.0;-0.0", CultureInfo.InvariantCulture);

    private static string Proof(in Verdict verdict, long timeMs)
    {
        if (ReasonText.RangeListOf(verdict) is not { } list)
            return "";
        var age = DateTimeOffset.FromUnixTimeMilliseconds(timeMs) - list.PublishedAt;
        string when = age >= TimeSpan.Zero ? $"{age.Days} days old" : $"{-age.Days} days newer than the request";
        return $", by {list.Source.File} of {list.PublishedAt:yyyy-MM-dd} ({when}, {list.Source.Confidence.ToString().ToLowerInvariant()})";
    }

    private static string ColourOf(in Verdict verdict) => verdict.Identity switch
    {
        Identity.Verified => "green",
        Identity.Spoofed => "red",
        _ => verdict.IsAutomated ? "yellow" : "default",
    };

    private static void Line(TextWriter output, string label, string value, string colour = "default")
    {
        if (IsTerminal(output))
            AnsiConsole.MarkupLine($"[grey]{label,-11}[/] [{colour}]{Markup.Escape(value)}[/]");
        else
            output.WriteLine($"{label,-11} {value}".TrimEnd());
    }

    private static void Plain(TextWriter output, string text)
    {
        if (IsTerminal(output))
            AnsiConsole.MarkupLine(Markup.Escape(text));
        else
            output.WriteLine(text);
    }

    private static bool IsTerminal(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
}
