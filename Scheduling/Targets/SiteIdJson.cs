using System.Text.Json;
using System.Text.Json.Serialization;
using Weir.Detection;

namespace Weir.Scheduling.Targets;

/// <summary>Writes a site's id as plain text.</summary>
internal sealed class SiteIdJson : JsonConverter<SiteId>
{
    public override SiteId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SiteId.TryParse(reader.GetString(), null, out var site) ? site : throw new JsonException($"Not a site id. Use {SiteId.Rule}.");

    public override void Write(Utf8JsonWriter writer, SiteId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
