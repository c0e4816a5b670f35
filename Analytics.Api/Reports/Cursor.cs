using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Weir.Analytics.Api.Reports;

/// <summary>Where the next page of a list begins, as opaque text. It holds positions only: access is checked anew each time.</summary>
internal static class Cursor
{
    // Longest real one holds a path of 8 KB; anything longer is no cursor of ours.
    private const int MaxLength = 16_384;

    public static string Write<T>(T position, JsonTypeInfo<T> form) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(position, form));

    public static bool TryRead<T>(string text, JsonTypeInfo<T> form, out T position)
        where T : struct
    {
        position = default;
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
            return false;
        try
        {
            position = JsonSerializer.Deserialize(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)), form);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
