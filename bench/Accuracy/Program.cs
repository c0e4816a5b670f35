using System.Text;
using System.Text.Json.Nodes;
using Weir.Accuracy;
using Weir.Accuracy.Rows;
using Weir.Accuracy.Sections;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Reporting;

// bench/run starts this in the repository's root.
try
{
    var options = Options.Parse(args);
    var peers = new NodePeers(NodeScripts.Peers);
    var detector = new Detector(CrawlerCatalog.Load());
    var membership = new PlainMembership(Path.Combine(CrawlerCatalog.DefaultFolder, "ip-ranges"));
    Corpus[] corpora = [PackageRows.Read(NodeScripts.Peers), .. options.Corpus is null ? Array.Empty<Corpus>() : [FolderRows.Read(options.Corpus)]];
    JudgedCorpus[] judged = [.. corpora.Select(corpus => JudgedCorpus.Judge(corpus, detector, peers))];

    IReportSection[] sections =
    [
        .. judged.Select(corpus => new CorpusSection(corpus)),
        new ElasticLogSection(Path.Combine("tests", "data", "logs", "elastic-apache.log.gz"), detector, membership),
        new RandomAddressSection(detector, membership, options.IsQuick ? 1_000_000 : 10_000_000, options.Seed),
        new BehaviourReport(Path.Combine("tests", "data", "logs", "elastic-apache.log.gz"), detector),
    ];
    var facts = RunFacts.Of(options.Command,
        [("Weir's catalog", detector.Catalog.Version), ("Node", peers.NodeVersion), .. judged[0].Detectors.Skip(1).Select(d => (d.Name, d.Version))]);
    WriteReport(options.IsQuick, facts, sections);

    foreach (var corpus in judged.Where(c => options.WithMisses || c.Corpus.Key == "development"))
    {
        string file = Path.Combine(ReportFiles.OutFolder, $"misses-{corpus.Corpus.Key}.jsonl");
        Console.WriteLine($"{Misses.Write(file, corpus)} misses on {corpus.Corpus.Name.ToLowerInvariant()}: {file}");
    }
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run accuracy: {error.Message}");
    return 1;
}

static void WriteReport(bool isQuick, RunFacts facts, IReportSection[] sections)
{
    var text = new StringBuilder("# Accuracy\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
        .Append(facts.Markdown)
        .Append("\nIntervals are Wilson's at 95 %; that of F1 is carried over from TP ÷ (TP + FP + FN). A program is the positive.\n");
    var json = new JsonObject { ["run"] = facts.Json() };
    foreach (var section in sections)
    {
        var content = section.Measure();
        text.Append($"\n## {section.Title}\n\n").Append(content.Markdown.TrimEnd('\n')).Append('\n');
        json[section.Key] = content.Figures;
    }
    ReportFiles.Write("accuracy", isQuick, text.ToString(), json);
}
