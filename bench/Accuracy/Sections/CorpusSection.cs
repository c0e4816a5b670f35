using System.Text;
using System.Text.Json.Nodes;
using Weir.Accuracy.Rows;
using Weir.Accuracy.Scores;
using Weir.Reporting;

namespace Weir.Accuracy.Sections;

/// <summary>One corpus of user agents: Weir and its peers on the same rows.</summary>
internal sealed class CorpusSection(JudgedCorpus judged) : IReportSection
{
    private readonly Corpus _corpus = judged.Corpus;

    public string Title => $"User agents: {_corpus.Name.ToLowerInvariant()}";

    public string Key => _corpus.Key;

    public SectionContent Measure()
    {
        var text = new StringBuilder();
        var json = new JsonObject();
        AddSources(text, json);
        AddOverall(text, json);
        AddShares(text, json, "By class", "byKind", row => row.Kind);
        AddShares(text, json, "By source", "bySource", row => row.Source);
        NameScores.Add(text, json, judged);
        Calibration.Add(text, json, judged);
        return new SectionContent(text.ToString(), json);
    }

    private void AddSources(StringBuilder text, JsonObject json)
    {
        text.Append($"{_corpus.Rows.Count(r => r.IsBot).Text()} bots and {_corpus.Rows.Count(r => !r.IsBot).Text()} browsers. ")
            .Append("Judged by the user agent alone: no header, no address.\n\n");
        var table = new MarkdownTable("source", "version", "licence", "rows given", "kept");
        var sources = new JsonArray();
        foreach (var source in _corpus.Sources)
        {
            int kept = _corpus.Rows.Count(r => r.Source == source.Name);
            table.Add(source.Name, source.Version, source.Licence, source.Given.Text(), kept.Text());
            sources.Add(new JsonObject
            {
                ["name"] = source.Name,
                ["version"] = source.Version,
                ["licence"] = source.Licence,
                ["what"] = source.What,
                ["given"] = source.Given,
                ["kept"] = kept,
            });
        }
        text.Append(table);
        foreach (string what in _corpus.Sources.Select(s => s.What).Distinct().Count() > 1
            ? _corpus.Sources.Select(s => $"{s.Name}: {s.What}.") : [])
            text.Append("- ").Append(what).Append('\n');
        foreach (string limit in _corpus.Limits)
            text.Append("- ").Append(limit).Append('\n');
        text.Append('\n');
        json["sources"] = sources;
        json["limits"] = new JsonArray([.. _corpus.Limits.Select(l => JsonValue.Create(l))]);
    }

    private void AddOverall(StringBuilder text, JsonObject json)
    {
        Add("All rows", "all", _ => true);
        if (_corpus.Rows.Any(r => r.CrawlerId is not null))
            Add("Bots whose label names no crawler, and all browsers", "unnamed", i => !_corpus.Rows[i].IsBot || _corpus.Rows[i].CrawlerId is null);
        Add("Bots that no token of the catalog names, and all browsers", "withoutToken", i => !_corpus.Rows[i].IsBot || !judged.HasToken[i]);
        Add("Bots that neither the catalog nor crawler-user-agents names, and all browsers", "unlisted",
            i => !_corpus.Rows[i].IsBot || judged.IsUnlisted(i));

        void Add(string title, string key, Func<int, bool> isCounted)
        {
            int[] rows = [.. Enumerable.Range(0, _corpus.Rows.Count).Where(isCounted)];
            var table = new MarkdownTable("detector", "precision", "recall", "F1", "false-positive rate", "TP", "FP", "FN", "TN");
            var figures = new JsonObject();
            foreach (var detector in judged.Detectors)
            {
                var score = Confusion.Of(rows.Select(i => (_corpus.Rows[i].IsBot, detector.IsProgram[i])));
                if (score.Bots == 0)
                    return;
                table.Add($"{detector.Name} {detector.Version}", score.Precision.Text(), score.Recall.Text(), score.F1Text(),
                    score.FalsePositiveRate.Text(), score.TruePositives.Text(), score.FalsePositives.Text(), score.FalseNegatives.Text(),
                    score.TrueNegatives.Text());
                figures[detector.Name] = score.Json();
            }
            text.Append($"### {title}: {rows.Count(i => _corpus.Rows[i].IsBot).Text()} bots\n\n").Append(table);
            json[key] = figures;
        }
    }

    private void AddShares(StringBuilder text, JsonObject json, string title, string key, Func<Row, string> groupOf)
    {
        var table = new MarkdownTable(["group", "rows", .. judged.Detectors.Select(d => d.Name)]);
        var figures = new JsonArray();
        var groups = Enumerable.Range(0, _corpus.Rows.Count)
            .GroupBy(i => (_corpus.Rows[i].IsBot, Name: groupOf(_corpus.Rows[i])))
            .OrderByDescending(g => g.Key.IsBot).ThenByDescending(g => g.Count()).ThenBy(g => g.Key.Name, StringComparer.Ordinal);
        foreach (var group in groups)
        {
            Share[] called = [.. judged.Detectors.Select(d => new Share(group.Count(i => d.IsProgram[i]), group.Count()))];
            table.Add([$"{(group.Key.IsBot ? "bots" : "browsers")}: {group.Key.Name}", group.Count().Text(), .. called.Select(c => c.Text())]);
            var figure = new JsonObject { ["isBot"] = group.Key.IsBot, ["group"] = group.Key.Name };
            for (int i = 0; i < called.Length; i++)
                figure[judged.Detectors[i].Name] = called[i].Json();
            figures.Add(figure);
        }
        text.Append($"### {title}: share called a program\n\nHigh is right for bots, low for browsers.\n\n").Append(table);
        json[key] = figures;
    }
}
