using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weir.TestKit;

/// <summary>Web Bot Auth clients that are not ours: npm <c>web-bot-auth</c> and <c>http-message-sig</c>, run by node.</summary>
public static class NodeSigner
{
    /// <summary>Does jobs as <c>web-bot-auth/sign.mjs</c> describes them.</summary>
    /// <returns>For each job the headers that it signed.</returns>
    public static async Task<IReadOnlyList<Dictionary<string, string>>> RunAsync(params JsonObject[] jobs)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "web-bot-auth");
        string packages = await NodePackages.InstallAsync(folder);
        var (code, output) = await NodePackages.RunAsync("node", ["--no-warnings", "sign.mjs", packages], folder, new JsonArray([.. jobs]).ToJsonString());
        return code == 0 ? JsonSerializer.Deserialize<List<Dictionary<string, string>>>(output)! : throw new InvalidOperationException(output);
    }

    /// <summary>A job for the <c>web-bot-auth</c> client: sign a GET in an agent's name, good for five minutes.</summary>
    public static JsonObject Job(JsonNode jwk, string url, string agent, DateTimeOffset created) => new()
    {
        ["client"] = "web-bot-auth",
        ["jwk"] = jwk.DeepClone(),
        ["method"] = "GET",
        ["url"] = url,
        ["agent"] = agent,
        ["created"] = created.ToUnixTimeSeconds() * 1000,
        ["expires"] = created.ToUnixTimeSeconds() * 1000 + 300_000,
    };

    /// <summary>A job with other members.</summary>
    public static JsonObject With(this JsonObject job, params (string Name, JsonNode? Value)[] members)
    {
        foreach (var (name, value) in members)
            job[name] = value;
        return job;
    }
}
