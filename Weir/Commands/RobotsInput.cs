using System.CommandLine;
using Weir.Detection;
using Weir.Detection.Lines;
using Weir.Detection.Robots;
using Weir.Hosting;
using Weir.Proxy.Robots;

namespace Weir.Commands;

/// <summary>Reads the robots.txt files that a command is given, and says what in them does nothing.</summary>
internal static class RobotsInput
{
    private const int NotesMax = 5;

    /// <summary>A file and when it was served from; without a time it is taken as served all along.</summary>
    internal sealed record Dated(string File, DateTimeOffset? From);

    /// <summary>The bytes of a file; <c>-</c> is standard input. No more than crawlers must read, and what tells that there is more.</summary>
    public static byte[] Read(string file)
    {
        try
        {
            using var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            byte[] content = new byte[1024 * 1024];
            return content[..stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{TerminalText.Clean(file)} cannot be read: {e.Message.TrimEnd('.')}. Name a robots.txt file, or - for standard input.", e);
        }
    }

    /// <summary>A site's robots.txt as the edge would serve it by the settings.</summary>
    public static async Task<byte[]> ServedAsync(ParseResult parsed, SiteId id, string? host, CancellationToken stop)
    {
        var settings = SettingFlags.Read(parsed);
        var site = settings.Sites.FirstOrDefault(s => s.Id == id)
            ?? throw new CommandException(SettingFlags.FileOf(parsed) is { } file ? $"{file} has no site {id}. It has {string.Join(", ", settings.Sites.Take(10).Select(s => s.Id))}."
                : $"The site {id} is in no settings. Name the file with --config weir.json.");
        try
        {
            return await RobotsPreview.ReadAsync(site, host, Catalogs.Load(), settings.Edge, stop);
        }
        catch (RobotsPreviewException e)
        {
            throw new CommandException(e.Message, e);
        }
    }

    /// <summary>Reads <c>FILE</c> or <c>FILE@TIME</c>.</summary>
    public static Dated ParseDated(string text)
    {
        int at = text.LastIndexOf('@');
        if (at < 0 || File.Exists(text))
            return new Dated(text, null);
        return RequestTime.TryParse(text[(at + 1)..], out long ms)
            ? new Dated(text[..at], DateTimeOffset.FromUnixTimeMilliseconds(ms))
            : throw new CommandException($"--robots: in '{TerminalText.Clean(text)}', '{TerminalText.Clean(text[(at + 1)..])}' is not a time. "
                + $"Write {RequestTime.Rule}, or leave out the @ when the file was served all along.");
    }

    /// <summary>The history that files make, oldest first.</summary>
    public static RobotsHistory HistoryOf(IEnumerable<string> texts, Action<string> note)
    {
        var files = texts.Select(ParseDated).OrderBy(f => f.From ?? DateTimeOffset.MinValue).ToList();
        if (files.Count(f => f.From is null) > 1)
            throw new CommandException("--robots: several files name no time, so none says which held when. Write FILE@TIME, such as robots.txt@2026-06-01T00:00:00Z.");
        var history = new RobotsHistory();
        foreach (var file in files)
        {
            var version = RobotsVersion.Served(file.From ?? DateTimeOffset.MinValue, Read(file.File));
            history.Add(version);
            foreach (string text in Notes(file.File, version.File!))
                note(text);
        }
        return history;
    }

    /// <summary>What in a file does nothing, although its author may think so: file, line, mend. The first few.</summary>
    public static IEnumerable<string> Notes(string name, RobotsFile file)
    {
        string shown = name == "-" ? "standard input" : TerminalText.Clean(name);
        var wrong = file.Other.Where(l => l.Name.Length == 0 || IsRule(l)).ToList();
        foreach (var line in wrong.Take(NotesMax))
        {
            yield return IsRule(line)
                ? $"{shown}:{line.Number}: '{TerminalText.Clean(line.ToString(), 80)}' stands before any user agent and is for nobody. Write User-agent: * above it."
                : $"{shown}:{line.Number}: '{TerminalText.Clean(line.Value, 80)}' is no rule. Write a name, a colon and a value, such as Disallow: /private.";
        }
        if (wrong.Count > NotesMax)
            yield return $"{shown}: {wrong.Count - NotesMax} more lines do nothing.";
        if (file.BytesCut > 0)
            yield return $"{shown}: crawlers need not read beyond 500 KiB (RFC 9309 §2.5). Rules behind that do nothing: shorten the file.";
    }

    // Kept among the others for standing outside any group.
    private static bool IsRule(RobotsLine line) =>
        line.Name.StartsWith("allow", StringComparison.OrdinalIgnoreCase) || line.Name.StartsWith("disallow", StringComparison.OrdinalIgnoreCase);
}
