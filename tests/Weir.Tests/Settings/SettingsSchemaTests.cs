using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Weir.Settings;
using Weir.TestKit;

namespace Weir.Tests.Settings;

public class SettingsSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(ReadFile("config/weir.schema.json"));

    [Fact]
    public void The_example_is_valid_by_the_schema()
    {
        var result = Schema.Evaluate(Parse(ReadFile("config/weir.example.json")), new EvaluationOptions { OutputFormat = OutputFormat.List });

        Assert.True(result.IsValid, JsonSerializer.Serialize(result));
    }

    [Theory]
    [InlineData("""{ "sitez": [] }""")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": ["a.example"] }] }""")]
    [InlineData("""{ "limits": { "connectionsMax": 0 } }""")]
    [InlineData("""{ "clickhouse": { "user": "x" } }""")]
    [InlineData("""{ "redis": { "database": 1 } }""")]
    [InlineData("""{ "oidc": { "clientId": "weir" } }""")]
    [InlineData("""{ "oidc": { "authority": "https://id.example.com" } }""")]
    [InlineData("""{ "oidc": { "authority": "https://user:secret@id.example.com", "clientId": "weir" } }""")]
    [InlineData("""{ "oidc": { "authority": "https://id.example.com", "clientId": "weir", "publicUrl": "https://weir.example.com/path" } }""")]
    [InlineData("""{ "audit": { "retentionDays": 0 } }""")]
    [InlineData("""{ "redis": { "hosts": "redis://user:secret@redis.example:6379" } }""")]
    [InlineData("""{ "redis": { "hosts": "redis", "keyPrefix": "{a}" } }""")]
    [InlineData("""{ "detection": { "behaviour": "seed" } }""")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "honeypotPaths": ["trap"] }] }""")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "policy": [{ "name": "a" }] }] }""")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "policy": [{ "name": "a", "action": "block", "mode": "on" }] }] }""")]
    [InlineData("""{ "sites": [{ "id": "a", "hosts": "*", "origins": "http://127.0.0.1:3000", "policy": [{ "name": "a", "action": "block", "purposes": ["train"] }] }] }""")]
    public void What_the_reader_refuses_is_invalid_by_the_schema(string json)
    {
        Assert.NotEmpty(SettingsText.Errors(json));
        Assert.False(Schema.Evaluate(Parse(json)).IsValid);
    }

    [Fact]
    public void Schema_and_reader_know_the_same_settings() =>
        Assert.Equal(
            SettingKey.Root.Paths().Order(StringComparer.Ordinal),
            Paths(JsonNode.Parse(ReadFile("config/weir.schema.json"))!, "").Order(StringComparer.Ordinal));

    [Fact]
    public void The_reference_explains_every_setting()
    {
        string reference = ReadFile("docs/settings.md");

        Assert.DoesNotContain(SettingKey.Root.Paths(), p => !reference.Contains($"`{p}`", StringComparison.Ordinal) && !reference.Contains($"## {p}\n", StringComparison.Ordinal));
    }

    private static string ReadFile(string path) => File.ReadAllText(RepositoryRoot.Of(path));

    private static JsonElement Parse(string json) =>
        JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip }).RootElement;

    private static IEnumerable<string> Paths(JsonNode schema, string above)
    {
        if (schema["items"] is { } items)
        {
            foreach (string path in Paths(items, above + "[]"))
                yield return path;
        }
        foreach (var alternative in schema["anyOf"]?.AsArray() ?? [])
        {
            foreach (string path in Paths(alternative!, above))
                yield return path;
        }
        foreach (var (name, value) in schema["properties"]?.AsObject() ?? [])
        {
            string path = above.Length == 0 ? name : $"{above}.{name}";
            yield return path;
            foreach (string below in Paths(value!, path))
                yield return below;
        }
    }
}
