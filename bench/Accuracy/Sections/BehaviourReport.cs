using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Accuracy.Rows;
using Weir.Accuracy.Scores;
using Weir.Reporting;
using Weir.Detection;
using Weir.Detection.Signals;
using Weir.Detection.Signals.Clients;

namespace Weir.Accuracy.Sections;

/// <summary>How well behaviour alone, without user agent, tells programs from people.</summary>
/// <param name="file">The log, packed.</param>
/// <param name="detector">Weir without windows; labels clients.</param>
internal sealed class BehaviourReport(string file, Detector detector) : IReportSection
{
    public string Title => "Behaviour without user agent";

    public string Key => "behaviour";

    public SectionContent Measure()
    {
        var log = LabelledLog.Read(file, detector);
        int[] programs = BehaviourFit.Count(log.Elder.Where(c => c.IsProgram)), people = BehaviourFit.Count(log.Elder.Where(c => !c.IsProgram));
        double[] measured = BehaviourFit.Measured(programs, people);
        float[] fitted = BehaviourFit.Tempered(measured);
        var all = Answers(log.Younger, SequentialTest.Ratios.ToArray());
        var withoutAssets = Answers(log.Younger, Without(SequentialTest.Ratios.ToArray(), BehaviourFit.OfAssets));

        var table = new MarkdownTable("rule", "accuracy", "precision", "recall", "F1", "people called programs");
        var figures = new JsonArray();
        Score(table, figures, "Weir, sign of the sum", all, a => a.Sum > 0);
        Score(table, figures, "Weir, only clients it called", [.. all.Where(a => a.Called != Called.Nothing)], a => a.Called == Called.Program);
        Score(table, figures, "without asset evidence, sign", withoutAssets, a => a.Sum > 0);
        Score(table, figures, "without asset evidence, called", [.. withoutAssets.Where(a => a.Called != Called.Nothing)], a => a.Called == Called.Program);
        Score(table, figures, "as fitted, sign", Answers(log.Younger, fitted), a => a.Sum > 0);
        Score(table, figures, "baseline, 0.7", all, a => a.Baseline >= BaselineRule.Bound - 0.001f);
        Score(table, figures, "baseline, 0.7, counting for ever", all, a => ForEver(a.Client) >= BaselineRule.Bound - 0.001f);
        Score(table, figures, "baseline, 0.5", all, a => a.Baseline >= 0.499f);
        var text = new StringBuilder(Introduction(log))
            .Append(table)
            .Append(Sequential("Weir", all)).Append(Sequential("Without asset evidence", withoutAssets))
            .Append("\nLog-likelihood ratios: measured on the elder half, as fitted (half of that, bounded), and as shipped (some judged down, see `SequentialTest`):\n\n").Append(Ratios(programs, people, measured, fitted))
            .Append("Reasons that clients of the younger half got, and their natural log-odds there:\n\n").Append(Reasons(all))
            .Append(Limits);
        return new SectionContent(text.ToString(), new JsonObject
        {
            ["elder"] = log.Elder.Count,
            ["younger"] = log.Younger.Count,
            ["unlabelled"] = log.Unlabelled,
            ["rules"] = figures,
            ["ratios"] = new JsonArray([.. fitted.Select(r => (JsonNode)Math.Round(r, 2))]),
        });
    }

    private const string Limits = """
        Limits, plainly: one site of 2015, four days. A person is a browser's user agent that took a page and a part of a page, so the lines
        with asset evidence judge partly by what made the label; those without do not, but people who block pictures are in neither. A
        program is one that says so: programs in disguise, which behaviour is for, are not in the log as such. Its times are minutes of
        one hour squeezed into one, in no order: pace and rate cannot be measured on it, and their weights are judged. No labelled
        log of robots that may be shipped was found; published results on server logs with such labels are accuracy .90 and F1 .90.

        """;

    private static string Introduction(LabelledLog log) =>
        $"Clients of the log above, labelled by who they say they are. The ratios are fitted on the elder half of its time ({Count(log.Elder)}) and "
        + $"scored on the younger half, as if nobody had been seen before ({Count(log.Younger)}; {log.InBoth.Text()} are in both). {log.Unlabelled.Text()} "
        + "fit no label. The rules see neither user agent nor address. Most programs sent one or two requests, which is little to go by: the sign of "
        + "the sum must guess, the sequential test need not.\n\n";

    private static string Count(IReadOnlyList<LabelledClient> clients) =>
        $"{clients.Count(c => c.IsProgram).Text()} programs and {clients.Count(c => !c.IsProgram).Text()} people";

    private static List<BehaviourAnswer> Answers(IEnumerable<LabelledClient> clients, float[] ratios)
    {
        var test = new SequentialTest(ratios);
        return [.. clients.Select(c => BehaviourAnswer.Of(c, test))];
    }

    private static float[] Without(float[] ratios, Observation[] left)
    {
        float[] rest = [.. ratios];
        foreach (var kind in left)
            rest[(int)kind] = 0;
        return rest;
    }

    private static void Score(MarkdownTable table, JsonArray figures, string name, List<BehaviourAnswer> answers, Func<BehaviourAnswer, bool> isProgram)
    {
        var score = Confusion.Of(answers.Select(a => (a.Client.IsProgram, isProgram(a))));
        var accuracy = new Share(score.TruePositives + score.TrueNegatives, answers.Count);
        table.Add($"{name} ({answers.Count.Text()})", accuracy.Text(), score.Precision.Text(), score.Recall.Text(), score.F1Text(), score.FalsePositiveRate.Text());
        figures.Add(new JsonObject { ["rule"] = name, ["accuracy"] = accuracy.Json(), ["score"] = score.Json() });
    }

    // As it was written: no window, and its means of time, script and cookie never set.
    private static float ForEver(LabelledClient client) => BaselineRule.Score(client.Steps.Count, client.Steps.Select(s => s.PathHash).Distinct().Count(), false, false, 0);

    // Wald's bounds promise at most about α and β; what came of it is told beside them.
    private static string Sequential(string name, List<BehaviourAnswer> answers)
    {
        string Side(bool isProgram, Called wrong, double promised)
        {
            var side = answers.Where(a => a.Client.IsProgram == isProgram).ToList();
            int[] after = [.. side.Where(a => a.After > 0).Select(a => a.After).Order()];
            var error = new Share(side.Count(a => a.Called == wrong), side.Count);
            return $"{(isProgram ? "programs" : "people")}: {after.Length.Text()} of {side.Count.Text()} called, after {At(after, 0.5)} requests (median) and {At(after, 0.9)} (p90), "
                + $"wrongly {error.Text()} of all, allowed {promised.ToString("0.##", CultureInfo.InvariantCulture)}";
        }
        return $"- {name}: {Side(true, Called.Person, SequentialTest.Miss)}; {Side(false, Called.Program, SequentialTest.FalseAlarm)}.\n";
    }

    private static string At(int[] sorted, double share) => sorted.Length == 0 ? "–" : sorted[(int)(share * (sorted.Length - 1))].Text();

    private static MarkdownTable Ratios(int[] programs, int[] people, double[] measured, float[] fitted)
    {
        var table = new MarkdownTable("observation", "programs", "people", "measured", "fitted", "shipped");
        foreach (var kind in Enum.GetValues<Observation>())
        {
            int i = (int)kind;
            table.Add(kind.ToString(), programs[i].Text(), people[i].Text(), Number(measured[i]), Number(fitted[i]), Number(SequentialTest.Ratios[i]));
        }
        return table;
    }

    private static MarkdownTable Reasons(List<BehaviourAnswer> answers)
    {
        var table = new MarkdownTable("reason", "programs", "people", "log-odds", "weight");
        int programs = answers.Count(a => a.Client.IsProgram), people = answers.Count - programs;
        foreach (var reason in new[] { Reason.PagesWithoutAssets, Reason.SteadyPace, Reason.ManyErrors, Reason.BroadCrawl, Reason.RobotsTxtFetched, Reason.RequestRateHigh })
        {
            int of = answers.Count(a => a.Client.IsProgram && a.Reasons.Has(reason)), against = answers.Count(a => !a.Client.IsProgram && a.Reasons.Has(reason));
            double odds = Math.Log((of + 0.5) / (programs + 1) / ((against + 0.5) / (people + 1)));
            table.Add(reason.ToString(), of.Text(), against.Text(), of + against == 0 ? "–" : Number(odds), Number(Evidence.WeightOf(reason, default(ReasonSet).With(reason), false)));
        }
        return table;
    }

    private static string Number(double value) => value.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
