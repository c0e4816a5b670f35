using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weir.Commands;

/// <summary>Prints JSON that a program writes member by member, in the order that it promises.</summary>
internal static class JsonText
{
    // Written to a terminal or a file, never into HTML: quotes and signs may stay readable.
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Prints one value, indented, and ends the line.</summary>
    public static void WriteLine(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
            write(json);
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}
