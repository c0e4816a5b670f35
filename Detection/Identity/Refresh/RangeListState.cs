using System.Text.Json.Serialization;

namespace Weir.Detection.Identification;

/// <summary>What came of the last fetch of a list.</summary>
public enum RangeFetchState : byte
{
    /// <summary>It was never fetched: the list that ships with the program is in use.</summary>
    NeverFetched = 0,

    /// <summary>A new version was taken.</summary>
    Updated = 1,

    /// <summary>The list in use is still the publisher's.</summary>
    Unchanged = 2,

    /// <summary>What came was refused; the last good version stays in use.</summary>
    Refused = 3,

    /// <summary>Nothing came; the last good version stays in use.</summary>
    Failed = 4,
}

/// <summary>What is known of the fetching of one list; kept beside its versions.</summary>
public sealed record RangeListState
{
    /// <summary>Where it was fetched from.</summary>
    public string? Url { get; init; }

    /// <summary>The publisher's name of the version held; null when it gives none.</summary>
    public string? ETag { get; init; }

    /// <summary>When the publisher says that version was changed.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>When it was last tried.</summary>
    public DateTimeOffset? TriedAt { get; init; }

    /// <summary>When the publisher last confirmed or replaced the version held.</summary>
    public DateTimeOffset? GoodAt { get; init; }

    /// <summary>What came of the last try.</summary>
    public RangeFetchState State { get; init; }

    /// <summary>Why nothing good came of it; null when it did.</summary>
    public string? Why { get; init; }

    /// <summary>How often in a row nothing good came.</summary>
    public int Failures { get; init; }

    /// <summary>The versions on disk, oldest first.</summary>
    public IReadOnlyList<RangeListCopy> Copies { get; init; } = [];
}

/// <summary>One version on disk.</summary>
/// <param name="Name">File name.</param>
/// <param name="Sha256">Hash of its bytes.</param>
/// <param name="FetchedAt">When it came.</param>
public sealed record RangeListCopy(string Name, string Sha256, DateTimeOffset FetchedAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RangeListState))]
internal sealed partial class RangeListStateContext : JsonSerializerContext;
