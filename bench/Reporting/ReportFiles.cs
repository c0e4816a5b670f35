using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weir.Reporting;

/// <summary>Where reports go: full runs to bench/reports, which is committed, quick ones to bench/out, which is not.</summary>
public static class ReportFiles
{
    private static readonly JsonSerializerOptions Style = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The folder for what is not committed; it is there.</summary>
    public static string OutFolder => Directory.CreateDirectory(Path.Combine("bench", "out")).FullName;

    /// <summary>Prints a report and writes it for people and for programs.</summary>
    /// <param name="name">File name without its end.</param>
    /// <param name="isQuick">Whether it is too rough to be committed.</param>
    /// <param name="markdown">For people.</param>
    /// <param name="figures">The same for programs.</param>
    public static void Write(string name, bool isQuick, string markdown, JsonNode figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        string folder = Path.Combine("bench", isQuick ? "out" : "reports");
        Directory.CreateDirectory(folder);
        string text = Path.Combine(folder, name + ".md"), json = Path.Combine(folder, name + ".json");
        File.WriteAllText(text, markdown);
        File.WriteAllText(json, figures.ToJsonString(Style) + "\n");
        Console.WriteLine(markdown);
        Console.WriteLine($"written: {text}, {json}");
    }
}
