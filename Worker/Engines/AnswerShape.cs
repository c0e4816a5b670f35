using System.Text.Json;

namespace Weir.Worker.Engines;

/// <summary>Judges the bytes of an answer before anybody builds on them, and reads the sources it names. Pure.</summary>
public static class AnswerShape
{
    /// <summary>Most sources that are read from an answer.</summary>
    public const int LinksMax = 200;

    private const int LinkCharsMax = 2048;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    /// <summary>Reads the sources of a chat completion.</summary>
    /// <param name="body">The whole answer.</param>
    /// <param name="model">The model that was asked.</param>
    /// <returns>URLs from <c>citations</c> and <c>search_results</c> (Perplexity's) and from the message's <c>annotations</c> (OpenAI's), in that order.</returns>
    /// <exception cref="EngineException">It is no answer of that model.</exception>
    public static IReadOnlyList<string> Read(ReadOnlyMemory<byte> body, string model)
    {
        using var json = Parse(body);
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw new EngineException(EngineFailure.NotJson, "The engine answered JSON that is no object.");
        if (root.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String)
            throw new EngineException(EngineFailure.ErrorBody, "The engine answered 200 with an error in its body.");
        var message = MessageOf(root);
        string answered = TextOf(root, "model");
        if (answered.Length > 0 && !IsSameModel(model, answered))
            throw new EngineException(EngineFailure.WrongModel, $"The engine answered with another model than '{model}'. Name in its model setting what it answers with.");
        List<string> links = [];
        AddAll(links, root, "citations", item => item);
        AddAll(links, root, "search_results", item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("url", out var url) ? url : default);
        AddAll(links, message, "annotations", item =>
            item.ValueKind == JsonValueKind.Object && item.TryGetProperty("url_citation", out var cited) && cited.ValueKind == JsonValueKind.Object
            && cited.TryGetProperty("url", out var url) ? url : default);
        return links;
    }

    /// <summary>Whether an answer's model is the asked one: gateways shorten <c>openai/gpt-x</c>, and engines add a date behind it.</summary>
    public static bool IsSameModel(string asked, string answered)
    {
        string wanted = asked[(asked.LastIndexOf('/') + 1)..], got = answered[(answered.LastIndexOf('/') + 1)..];
        return asked == "default" || got.StartsWith(wanted, StringComparison.OrdinalIgnoreCase);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException e)
        {
            string what = body.Span.TrimStart(" \t\r\n"u8) is [(byte)'<', ..] ? "a page of HTML or XML" : "something else";
            throw new EngineException(EngineFailure.NotJson, $"The engine answered {what} in place of JSON.", inner: e);
        }
    }

    private static JsonElement MessageOf(JsonElement root)
    {
        if (root.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
            && choices[0] is { ValueKind: JsonValueKind.Object } first && first.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object)
        {
            if (TextOf(first, "finish_reason") == "content_filter")
                throw new EngineException(EngineFailure.Withheld, "The engine's filter withheld the answer.");
            return message;
        }
        throw new EngineException(EngineFailure.NoAnswer, "The engine's answer holds no message.");
    }

    private static string TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? SafeText(value) ?? "" : "";

    // A lone surrogate in an escape parses, and cannot be made a text.
    private static string? SafeText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void AddAll(List<string> links, JsonElement json, string name, Func<JsonElement, JsonElement> urlOf)
    {
        if (!json.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
            return;
        foreach (var item in list.EnumerateArray())
        {
            if (links.Count == LinksMax)
                return;
            if (urlOf(item) is { ValueKind: JsonValueKind.String } url && SafeText(url) is { Length: > 0 and <= LinkCharsMax } text && !links.Contains(text))
                links.Add(text);
        }
    }
}
