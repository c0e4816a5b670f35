using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Weir.Analytics.Api.Reports;

namespace Weir.Analytics.Api.Hosting;

/// <summary>Writes tables as JSON lines: one object a row, in UTF-8, with a line feed behind each.</summary>
internal static class JsonLines
{
    // The answer is no HTML and says so, so that letters need no escapes; what could break a line is always escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(ITable table)
    {
        var names = table.Columns.Select(c => JsonEncodedText.Encode(c.Name, Options.Encoder)).ToArray();
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        foreach (object?[] row in table.Rows)
        {
            json.WriteStartObject();
            for (int i = 0; i < names.Length; i++)
                WriteCell(json, names[i], row[i]);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteCell(Utf8JsonWriter json, JsonEncodedText name, object? cell)
    {
        switch (cell)
        {
            case null:
                json.WriteNull(name);
                break;
            case string text:
                json.WriteString(name, text);
                break;
            case DateTimeOffset time:
                json.WriteString(name, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case double fraction:
                json.WriteNumber(name, fraction);
                break;
            default:
                json.WriteNumber(name, Convert.ToInt64(cell, CultureInfo.InvariantCulture));
                break;
        }
    }
}
