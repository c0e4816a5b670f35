using System.Text.Json.Nodes;

namespace Weir.Accuracy.Sections;

/// <summary>One part of the accuracy report: it measures, and says what it measured in words and as JSON.</summary>
internal interface IReportSection
{
    /// <summary>Its heading in accuracy.md.</summary>
    string Title { get; }

    /// <summary>Its member in accuracy.json.</summary>
    string Key { get; }

    /// <summary>Measures. The same seed and versions give the same answer.</summary>
    SectionContent Measure();
}

/// <summary>What a section found.</summary>
/// <param name="Markdown">Its text and tables, without the heading.</param>
/// <param name="Figures">The same figures for programs.</param>
internal sealed record SectionContent(string Markdown, JsonNode Figures);
