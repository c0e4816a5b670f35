using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.Detection.Catalog;

// The shape of config/crawlers.json; config/crawlers.schema.json says the same with words for editors.

internal sealed record CatalogFile
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public required string Version { get; init; }

    public required RangeListEntry[] RangeLists { get; init; }

    public required CrawlerEntry[] Crawlers { get; init; }
}

internal sealed record RangeListEntry
{
    public required string File { get; init; }

    public required string Operator { get; init; }

    public string? Url { get; init; }

    public required DateOnly RetrievedAt { get; init; }

    public required string Origin { get; init; }

    public required string Confidence { get; init; }

    public required string Scope { get; init; }

    public required bool Complete { get; init; }

    public string? Section { get; init; }
}

internal sealed record CrawlerEntry
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Operator { get; init; }

    public required string Purpose { get; init; }

    public required string PurposeConfidence { get; init; }

    public required string[] Tokens { get; init; }

    public string[]? AmbiguousTokens { get; init; }

    public bool RobotsTokenOnly { get; init; }

    public bool NoRealUa { get; init; }

    public bool AlsoApp { get; init; }

    public string? Url { get; init; }

    public string? SignatureAgent { get; init; }

    public string[]? RangeUrls { get; init; }

    public string[]? Ranges { get; init; }

    public ReverseDnsNames? ReverseDns { get; init; }

    public string? RespectsRobots { get; init; }

    public EngineEntry[]? Engines { get; init; }

    public string? Description { get; init; }

    public string[]? Matches { get; init; }

    public string[]? MustNotMatch { get; init; }
}

internal sealed record ReverseDnsNames(string[] Hosts, string Confidence, string[]? SharedHosts = null);

internal sealed record EngineEntry(string Engine, double Weight, double DelayDays);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(CatalogFile))]
internal sealed partial class CatalogFileContext : JsonSerializerContext;
