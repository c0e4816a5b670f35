using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;

namespace Weir.Commands;

/// <summary>Tools for an assistant, made of what the API's own OpenAPI document says: each report and list that can be read is one. Immutable;
/// safe from any thread.</summary>
internal sealed class ApiTools
{
    // What an assistant can still read; a longer answer is refused with what to ask instead.
    private const int AnswerCharsMax = 100_000;
    private const long DocumentBytesMax = 8 << 20;

    // Neither is a report.
    private static readonly string[] TagsLeftOut = ["Health", "Session"];

    private readonly HttpClient _client;
    private readonly Dictionary<string, ApiTool> _tools;

    private ApiTools(HttpClient client, IEnumerable<ApiTool> tools)
    {
        _client = client;
        _tools = tools.ToDictionary(t => t.Definition.Name, StringComparer.Ordinal);
    }

    /// <summary>What is offered.</summary>
    public IEnumerable<Tool> All => _tools.Values.Select(t => t.Definition);

    /// <summary>Reads what the API offers.</summary>
    /// <exception cref="CommandException">It does not answer, or not as Weir does.</exception>
    public static async Task<ApiTools> LoadAsync(HttpClient client, CancellationToken stop)
    {
        try
        {
            client.MaxResponseContentBufferSize = DocumentBytesMax;
            string document = await client.GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative), stop);
            var tools = Read(JsonNode.Parse(document)!).ToList();
            return tools.Count > 0 ? new ApiTools(client, tools) : throw new JsonException("its document names nothing to read");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            throw ApiClient.Unreadable(client, e);
        }
    }

    /// <summary>Asks the API. What goes wrong is an answer too, so that the assistant can mend its question.</summary>
    public async ValueTask<CallToolResult> CallAsync(string name, IDictionary<string, JsonElement>? arguments, CancellationToken stop)
    {
        if (!_tools.TryGetValue(name, out var tool))
            return Failed($"There is no tool '{name}'. Ask for the list of tools.");
        if (!tool.TryFill(arguments, out string target, out string error))
            return Failed(error);
        try
        {
            using var answer = await _client.GetAsync(new Uri(target, UriKind.Relative), stop);
            string text = await answer.Content.ReadAsStringAsync(stop);
            if (!answer.IsSuccessStatusCode)
                return Failed(answer.StatusCode is HttpStatusCode.Unauthorized ? "The API does not take the key of this server: make another with weir keys create." : Cut(text));
            return text.Length <= AnswerCharsMax ? Answered(text)
                : Failed($"The answer has {text.Length:N0} characters, more than {AnswerCharsMax:N0}. Ask for a shorter span, or with a lower 'limit'.");
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return Failed($"The API does not answer: {e.Message}");
        }
    }

    private static IEnumerable<ApiTool> Read(JsonNode document)
    {
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            if (operations!["get"] is not { } get || get["operationId"]?.GetValue<string>() is not { } id || !path.StartsWith("/v1/", StringComparison.Ordinal))
                continue;
            bool isLeftOut = get["tags"]?.AsArray().Any(t => TagsLeftOut.Contains(t!.GetValue<string>(), StringComparer.Ordinal)) == true || path == "/v1/live";
            if (!isLeftOut)
                yield return ApiTool.Of(path, id, get, document);
        }
    }

    private static string Cut(string text) => text.Length <= AnswerCharsMax ? text : text[..AnswerCharsMax];

    private static CallToolResult Answered(string text) => new() { Content = [new TextContentBlock { Text = text }] };

    private static CallToolResult Failed(string text) => new() { Content = [new TextContentBlock { Text = text }], IsError = true };
}

/// <summary>One operation of the API as a tool.</summary>
/// <param name="Definition">What the assistant is told.</param>
/// <param name="Path">Its path, with places for parameters.</param>
/// <param name="Parameters">Its parameters' names, and whether each stands in the path.</param>
internal sealed record ApiTool(Tool Definition, string Path, IReadOnlyDictionary<string, bool> Parameters)
{
    /// <summary>Reads one operation.</summary>
    public static ApiTool Of(string path, string id, JsonNode operation, JsonNode document)
    {
        Dictionary<string, bool> names = new(StringComparer.Ordinal);
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            var resolved = Resolve(parameter!, document);
            string name = resolved["name"]!.GetValue<string>();
            string place = resolved["in"]!.GetValue<string>();
            if (place is not ("path" or "query"))
                continue;
            names[name] = place == "path";
            properties[name] = new JsonObject { ["type"] = "string", ["description"] = resolved["description"]?.GetValue<string>() ?? name };
            if (resolved["required"]?.GetValue<bool>() == true)
                required.Add(name);
        }
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required, ["additionalProperties"] = false };
        return new ApiTool(new Tool
        {
            Name = id,
            Description = operation["summary"]?.GetValue<string>() ?? id,
            InputSchema = JsonSerializer.SerializeToElement(schema),
            Annotations = new ToolAnnotations { ReadOnlyHint = true, IdempotentHint = true, DestructiveHint = false, OpenWorldHint = false },
        }, path, names);
    }

    /// <summary>Puts arguments into the address.</summary>
    public bool TryFill(IDictionary<string, JsonElement>? arguments, out string target, out string error)
    {
        (target, error) = (Path[1..], "");
        var query = new StringBuilder();
        foreach (var (name, value) in arguments ?? new Dictionary<string, JsonElement>())
        {
            if (!Parameters.TryGetValue(name, out bool isInPath))
            {
                error = $"There is no parameter '{name}'. Known ones: {string.Join(", ", Parameters.Keys)}.";
                return false;
            }
            if (value.ValueKind == JsonValueKind.Null)
                continue;
            string text = Uri.EscapeDataString(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
            if (isInPath)
                target = target.Replace($"{{{name}}}", text, StringComparison.Ordinal);
            else
                query.Append(query.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(text);
        }
        // "." and ".." would climb out of the path they are put into; the API knows no such id either.
        if (target.Contains('{', StringComparison.Ordinal) || target.Split('/').Any(part => part is "" or "." or ".."))
        {
            error = $"A part of {Path} is missing: {string.Join(", ", Parameters.Where(p => p.Value).Select(p => p.Key))} must be given.";
            return false;
        }
        target += query.ToString();
        return true;
    }

    private static JsonNode Resolve(JsonNode node, JsonNode document)
    {
        if (node["$ref"]?.GetValue<string>() is not { } reference)
            return node;
        foreach (string part in reference[2..].Split('/'))
            document = document[part]!;
        return document;
    }
}
