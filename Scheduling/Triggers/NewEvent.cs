using System.Text.Json.Serialization;
using Weir.Scheduling.Targets;

namespace Weir.Scheduling.Triggers;

/// <summary>A fact from outside the hits.</summary>
/// <param name="Key">The sender's own: an event that comes again under it is the same one. 1 to 200 characters.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Strength">How much its sender makes of it.</param>
/// <param name="At">When it happened.</param>
/// <param name="Aim">What it is about.</param>
/// <param name="Note">For people; null for none.</param>
public sealed record NewEvent(string Key, EventKind Kind, EventStrength Strength, DateTimeOffset At, EventAim Aim, string? Note = null);

/// <summary>What an event is about: targets for which all that is given holds. At least one is given.</summary>
public sealed record EventAim
{
    /// <summary>Targets of this brand.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Brand { get; init; }

    /// <summary>Targets of the query with this text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Query { get; init; }

    /// <summary>Targets whose query has this topic.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Topic { get; init; }

    /// <summary>Targets on this engine.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Engine { get; init; }

    /// <summary>Site of <see cref="Path"/>; given with it or not at all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Site { get; init; }

    /// <summary>Targets that this page bears on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; init; }
}

/// <summary>What became of an event.</summary>
/// <param name="Outcome">Whether it was recorded.</param>
/// <param name="Targets">How many targets it speaks of.</param>
/// <param name="Triggers">Numbers of its triggers, one for each engine of those targets and, where they are many, of each some thousands; at least one.</param>
/// <param name="Error">What is unknown to the tenant, when that is why it was refused.</param>
public sealed record EventAnswer(EventOutcome Outcome, long Targets, IReadOnlyList<long> Triggers, FieldError? Error = null);

/// <summary>Whether an event was recorded.</summary>
public enum EventOutcome
{
    /// <summary>It is new, and stored.</summary>
    Recorded,

    /// <summary>It was stored before.</summary>
    Duplicate,

    /// <summary>It is about something that the tenant does not have; nothing is stored.</summary>
    Refused,
}
