using System.Text;
using System.Text.Json;

namespace Weir.Settings;

/// <summary>Writes a value of the settings as JSON again: one form for one meaning of the bytes, without comments and spaces.</summary>
internal static class SettingJson
{
    /// <summary>The value's JSON. What was overridden from outside the file is in it.</summary>
    public static string Write(SettingNode node)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { SkipValidation = true }))
            Write(node, json);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(SettingNode node, Utf8JsonWriter json)
    {
        switch (node.Kind)
        {
            case NodeKind.Null:
                json.WriteNullValue();
                break;
            case NodeKind.Text:
                json.WriteStringValue(node.Text);
                break;
            case NodeKind.Number:
                json.WriteRawValue(node.Text, skipInputValidation: true);
                break;
            case NodeKind.True or NodeKind.False:
                json.WriteBooleanValue(node.Kind == NodeKind.True);
                break;
            case NodeKind.List:
                json.WriteStartArray();
                foreach (var item in node.Items)
                    Write(item, json);
                json.WriteEndArray();
                break;
            case NodeKind.Object:
                json.WriteStartObject();
                foreach (var member in node.Members)
                {
                    json.WritePropertyName(member.Name);
                    Write(member.Value, json);
                }
                json.WriteEndObject();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(node), node.Kind, null);
        }
    }
}
