using System.Globalization;

namespace Weir.Detection.Robots;

/// <summary>What judging a fetch by robots.txt came to.</summary>
public enum RobotsOutcome
{
    /// <summary>Nothing to judge by, or nobody to hold to it; <see cref="RobotsJudgement.Why"/> says which.</summary>
    NotJudged,

    /// <summary>The crawler kept to robots.txt.</summary>
    Allowed,

    /// <summary>The crawler broke it.</summary>
    Disallowed,
}

/// <summary>Why a fetch is not judged.</summary>
public enum RobotsNotJudged
{
    /// <summary>It is.</summary>
    None,

    /// <summary>No version is known that the crawler could have read before.</summary>
    NoVersionKnown,

    /// <summary>A person asked for the page through the program: robots.txt need not apply, so these are reported apart.</summary>
    UserTriggered,

    /// <summary>It asks for robots.txt itself.</summary>
    RobotsFileItself,
}

/// <summary>A fetch judged by the robots.txt that its crawler could have read.</summary>
/// <param name="Outcome">The judgement.</param>
/// <param name="Why">Why there is none.</param>
/// <param name="Answer">What that robots.txt says, also of a user-triggered fetch; null when no version is known.</param>
/// <param name="Version">The version judged by; null when only the status of the crawler's own fetch counts, or none is known.</param>
/// <param name="FetchedAt">When the crawler last fetched it before; null when that is not known and the version had stood for a day.</param>
public readonly record struct RobotsJudgement(
    RobotsOutcome Outcome, RobotsNotJudged Why, RobotsAnswer? Answer, RobotsVersion? Version, DateTimeOffset? FetchedAt)
{
    /// <summary>The judgement in words. Holds hostile text when a rule decided.</summary>
    public string Sentence
    {
        get
        {
            string by = Version is { SeenAt: var seen } && seen > DateTimeOffset.MinValue
                ? string.Create(CultureInfo.InvariantCulture, $" Version of {seen.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z") : " The version given";
            by += FetchedAt is { } at
                ? string.Create(CultureInfo.InvariantCulture, $", which the crawler last asked for at {at.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z.")
                : ", served for at least 24 hours before.";
            return Why switch
            {
                RobotsNotJudged.NoVersionKnown => "No robots.txt is known that the crawler could have read before.",
                RobotsNotJudged.RobotsFileItself => "The robots.txt file itself is always allowed.",
                RobotsNotJudged.UserTriggered => "A person asked for it: robots.txt need not apply.",
                _ => Answer!.Value.Sentence + (Version is null ? "" : by),
            };
        }
    }
}
