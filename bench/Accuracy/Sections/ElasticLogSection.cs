using System.Text;
using System.Text.Json.Nodes;
using Weir.Detection;
using Weir.Ingest.AccessLogs;
using Weir.Reporting;

namespace Weir.Accuracy.Sections;

/// <summary>Identity on a real log of May 2015, whose addresses are as they were.</summary>
/// <param name="file">The log, packed.</param>
/// <param name="detector">Weir.</param>
/// <param name="membership">The plain model of the range lists, which shares no code with the detector.</param>
internal sealed class ElasticLogSection(string file, Detector detector, PlainMembership membership) : IReportSection
{
    public string Title => "Identity: the access log of elastic/examples";

    public string Key => "elasticLog";

    public SectionContent Measure()
    {
        var claims = ReadVerdicts(out int lines, out int rejected, out int disagreements);
        var table = new MarkdownTable("crawler", "lines", "verified", "spoofed", "unverifiable");
        var figures = new JsonArray();
        foreach (var claim in claims.OrderByDescending(c => c.Value.Count).Take(12))
        {
            int Of(Identity identity) => claim.Value.Count(i => i == identity);
            table.Add(claim.Key, claim.Value.Count.Text(), Of(Identity.Verified).Text(), Of(Identity.Spoofed).Text(), Of(Identity.Unverifiable).Text());
            figures.Add(new JsonObject
            {
                ["crawler"] = claim.Key,
                ["lines"] = claim.Value.Count,
                ["verified"] = Of(Identity.Verified),
                ["spoofed"] = Of(Identity.Spoofed),
                ["unverifiable"] = Of(Identity.Unverifiable),
            });
        }
        int spoofed = claims.Values.Sum(c => c.Count(i => i == Identity.Spoofed));
        var text = new StringBuilder()
            .Append("elastic/examples 6d86454 (Apache-2.0), in tests/data/logs: Apache combined, one site, 17–20 May 2015. ")
            .Append($"{lines.Text()} lines, {rejected.Text()} of them broken. A list of today may verify a line of 2015 and may not call one spoofed.\n\n")
            .Append(table)
            .Append($"Called spoofed: {spoofed.Text()} (asked: 0). Verdicts that a plain search through the list's own text contradicts: ")
            .Append($"{disagreements.Text()} (asked: 0).\n\n")
            .Append("Limits: one site, one week, eleven years ago. The operators' lists have moved since, so few besides Googlebot can be verified.\n");
        return new SectionContent(text.ToString(), new JsonObject
        {
            ["lines"] = lines,
            ["rejected"] = rejected,
            ["spoofed"] = spoofed,
            ["disagreements"] = disagreements,
            ["crawlers"] = figures,
        });
    }

    private Dictionary<string, List<Identity>> ReadVerdicts(out int lines, out int rejected, out int disagreements)
    {
        using var source = LogSource.Open(file);
        var format = LogFormats.Detect(source.Lines.Peek())!;
        var hits = new LogHits(SiteId.Parse("bench"), detector);
        var scratch = new LineScratch();
        var timeline = new LogTimeline();
        Dictionary<string, List<Identity>> claims = new(StringComparer.Ordinal);
        lines = rejected = disagreements = 0;
        while (source.Lines.TryRead(out var line, out _))
        {
            lines++;
            LogLine read = default;
            if (format.TryRead(line, scratch, ref read) != LineResult.Read)
            {
                rejected++;
                continue;
            }
            var hit = hits.HitOf(line, read, timeline);
            if (hit.Verdict.Crawler is not { } crawler)
                continue;
            if (!claims.TryGetValue(crawler.Name, out var identities))
                claims.Add(crawler.Name, identities = []);
            identities.Add(hit.Verdict.Identity);
            if (hit.Verdict.Identity == Identity.Verified != membership.MayVerify(crawler, hit.ClientAddress))
                disagreements++;
        }
        return claims;
    }
}
