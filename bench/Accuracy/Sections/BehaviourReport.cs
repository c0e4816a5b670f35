using System.Text.Json.Nodes;

namespace Weir.Accuracy.Sections;

/// <summary>How well behaviour alone, without user agent, tells programs from people.</summary>
internal sealed class BehaviourReport : IReportSection
{
    public string Title => "Behaviour without user agent";

    public string Key => "behaviour";

    public SectionContent Measure() => new("Not measured yet.\n", new JsonObject { ["measured"] = false });
}
