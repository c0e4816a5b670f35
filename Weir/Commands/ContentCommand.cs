using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Detection.Content;

namespace Weir.Commands;

/// <summary><c>weir content</c>: what a crawler sees of a page, and whether a second copy of it says something new.</summary>
internal static class ContentCommand
{
    private const int TextShown = 300;
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A page's HTML; - is standard input. The first 512 KiB are read." };
        var other = new Argument<string?>("OTHER") { Description = "A later copy of it, to compare.", Arity = ArgumentArity.ZeroOrOne };
        var charset = new Option<string?>("--charset") { Description = "The charset that the Content-Type header named. Default: what the page declares, else UTF-8." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("content", "Reads a page as a crawler does: its main text, hashes, and what it is made of. The five signs of generated text describe the page, never who fetched it.")
        {
            file, other, charset, json,
        };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var first = Read(parsed.GetRequiredValue(file), parsed.GetValue(charset));
            var second = parsed.GetValue(other) is { } name ? Read(name, parsed.GetValue(charset)) : null;
            if (parsed.GetValue(json))
                WriteJson(first, second, output);
            else
                WriteWords(first, second, output);
        });
        return command;
    }

    private static ContentReading Read(string file, string? charset)
    {
        byte[] html = new byte[ContentReader.BytesMax];
        int length;
        try
        {
            using var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            length = stream.ReadAtLeast(html, html.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{TerminalText.Clean(file)} cannot be read: {e.Message.TrimEnd('.')}. Name a file that holds a page's HTML.", e);
        }
        return ContentReader.TryRead(html.AsSpan(0, length), charset, out var reading) ? reading
            : throw new CommandException($"{TerminalText.Clean(file)} nests its elements over 400 deep, or holds over 20,000 of them. Check that it is one page's HTML.");
    }

    private static void WriteWords(ContentReading first, ContentReading? second, TextWriter output)
    {
        foreach (var reading in second is null ? [first] : new[] { first, second })
        {
            var signature = reading.Signature;
            output.WriteLine($"main text  {reading.Words:N0} words, hash {Hex(reading.Hash)}, SimHash {Hex(reading.SimHash)}");
            output.WriteLine($"           {(reading.Words == 0 ? "none: a script fills this page, or it is empty" : TerminalText.Clean(reading.MainText, TextShown))}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"page       {signature.TextRatio:P0} text; {signature.Elements:N0} elements, {signature.Depth} deep; headings: {Listed(signature.Headings)}"));
            output.WriteLine($"meta tags  {Listed(string.Join(", ", signature.MetaTags))}");
            output.WriteLine($"scripts    {Listed(string.Join(", ", signature.ScriptLibraries))}");
            output.WriteLine($"signs of generated text: {signature.Indicators.Count} of 5{(signature.LooksGenerated ? ", so it looks generated" : "")}. They describe the page, never a client.");
            foreach (var indicator in signature.Indicators)
                output.WriteLine($"  - {indicator.Sentence()}");
            output.WriteLine();
        }
        if (second is not null)
            output.WriteLine($"{Words(Compare(first, second))}: {Distance(first, second)} of 64 bits differ; up to {ContentComparison.BoilerplateDistanceMax} count as boilerplate.");
    }

    private static void WriteJson(ContentReading first, ContentReading? second, TextWriter output)
    {
        JsonText.WriteLine(output, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("pages");
            foreach (var reading in second is null ? [first] : new[] { first, second })
                WriteReading(json, reading);
            json.WriteEndArray();
            if (second is not null)
            {
                json.WriteNumber("distance", Distance(first, second));
                json.WriteString("change", Words(Compare(first, second)));
            }
            json.WriteEndObject();
        });
    }

    private static void WriteReading(Utf8JsonWriter json, ContentReading reading)
    {
        var signature = reading.Signature;
        json.WriteStartObject();
        json.WriteString("hash", Hex(reading.Hash));
        json.WriteString("simHash", Hex(reading.SimHash));
        json.WriteNumber("words", reading.Words);
        json.WriteNumber("textRatio", Math.Round(signature.TextRatio, 4));
        json.WriteNumber("elements", signature.Elements);
        json.WriteNumber("depth", signature.Depth);
        json.WriteString("headings", signature.Headings);
        WriteTexts(json, "metaTags", signature.MetaTags);
        WriteTexts(json, "scriptLibraries", signature.ScriptLibraries);
        json.WriteBoolean("looksGenerated", signature.LooksGenerated);
        WriteTexts(json, "indicators", signature.Indicators.Select(i => i.Sentence()));
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static int Distance(ContentReading a, ContentReading b) => ContentComparison.Distance(a.SimHash, b.SimHash);

    private static ContentChange Compare(ContentReading a, ContentReading b) => ContentComparison.Compare(a.Hash, a.SimHash, b.Hash, b.SimHash);

    private static string Words(ContentChange change) => change switch
    {
        ContentChange.Same => "same",
        ContentChange.Boilerplate => "boilerplate changed",
        ContentChange.Text => "text changed",
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
    };

    private static string Hex(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    private static string Listed(string names) => names.Length == 0 ? "none" : TerminalText.Clean(names, TextShown);
}
