using System.Text.Json.Serialization;

namespace Weir.Ingest.AccessLogs;

/// <summary>A place in an unpacked log where a line begins.</summary>
/// <param name="Offset">Bytes before it.</param>
/// <param name="Line">Lines before it.</param>
internal readonly record struct LogPlace(long Offset, long Line);

/// <summary>How far a log is stored, and what reading on from there needs.</summary>
internal sealed record LogPosition
{
    /// <summary>The file, by its full path.</summary>
    public required string File { get; init; }

    /// <summary>By what the log is known again.</summary>
    public required LogHead Head { get; init; }

    /// <summary>Every line before this is stored or counted as rejected.</summary>
    public required LogPlace Until { get; init; }

    /// <summary>From here on lines are read again, and not stored, so that equal lines around <see cref="Until"/> are counted as they would
    /// have been, and clients are known: so much before as a line can be late.</summary>
    public required LogPlace From { get; init; }

    /// <summary>The format's last line of column names; empty for a format without.</summary>
    public required string Columns { get; init; }

    /// <summary>Time and id of the last stored line, which the store must have; ids are 0 before the first.</summary>
    public required long LastTimeMs { get; init; }

    /// <summary>See <see cref="LastTimeMs"/>.</summary>
    public required ulong LastHitId { get; init; }

    /// <summary>Whether it names a line that the store must have.</summary>
    [JsonIgnore]
    public bool HasLine => LastTimeMs != 0 || LastHitId != 0;

    /// <summary>Whether these numbers can be true: the file they come from may be damaged.</summary>
    [JsonIgnore]
    public bool IsSound => File is { Length: > 0 } && Columns is not null && Head.Length is >= 0 and <= LogHead.LengthMax
        && From.Offset >= 0 && From.Offset <= Until.Offset && From.Line >= 0 && From.Line <= Until.Line;
}
