using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Accuracy;
using Weir.Accuracy.Rows;
using Weir.Accuracy.Sections;
using Weir.Detection;
using Weir.Detection.Catalog;

// bench/run starts this in the repository's root.
try
{
    var options = Options.Parse(args);
    string outFolder = Path.Combine("bench", "out");
    Directory.CreateDirectory(outFolder);

    var peers = new NodePeers(Path.Combine("bench", "Accuracy", "peers"));
    var detector = new Detector(CrawlerCatalog.Load());
    var membership = new PlainMembership(Path.Combine(CrawlerCatalog.DefaultFolder, "ip-ranges"));
    Corpus[] corpora = [PackageRows.Read(peers), .. options.Corpus is null ? Array.Empty<Corpus>() : [FolderRows.Read(options.Corpus)]];
    JudgedCorpus[] judged = [.. corpora.Select(corpus => JudgedCorpus.Judge(corpus, detector, peers))];

    IReportSection[] sections =
    [
        .. judged.Select(corpus => new CorpusSection(corpus)),
        new ElasticLogSection(Path.Combine("tests", "data", "logs", "elastic-apache.log.gz"), detector, membership),
        new RandomAddressSection(detector, membership, options.IsQuick ? 1_000_000 : 10_000_000, options.Seed),
        new BehaviourReport(),
    ];
    var facts = RunFacts.Of(options.Command,
        [("Weir's catalog", detector.Catalog.Version), ("Node", peers.NodeVersion), .. judged[0].Detectors.Skip(1).Select(d => (d.Name, d.Version))]);
    WriteReport(options.IsQuick ? outFolder : Path.Combine("bench", "reports"), facts, sections);

    foreach (var corpus in judged.Where(c => options.WithMisses || c.Corpus.Key == "development"))
    {
        string file = Path.Combine(outFolder, $"misses-{corpus.Corpus.Key}.jsonl");
        Console.WriteLine($"{Misses.Write(file, corpus)} misses on {corpus.Corpus.Name.ToLowerInvariant()}: {file}");
    }
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run accuracy: {error.Message}");
    return 1;
}

static void WriteReport(string folder, RunFacts facts, IReportSection[] sections)
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
    Console.WriteLine(text);
    File.WriteAllText(Path.Combine(folder, "accuracy.md"), text.ToString());
    var style = new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    File.WriteAllText(Path.Combine(folder, "accuracy.json"), json.ToJsonString(style) + "\n");
    Console.WriteLine($"written: {Path.Combine(folder, "accuracy.md")}, {Path.Combine(folder, "accuracy.json")}");
}
