using System.Runtime.InteropServices;
using Weir.Detection.Catalog;

namespace Weir.Detection.Robots;

/// <summary>One site's robots.txt as served over time, and when each crawler last asked for it: judges fetches by what could be known.</summary>
/// <remarks>
/// A fetch is judged by the version that its crawler last fetched before it; where no such fetch is known, by the one served 24 hours
/// before, since no crawler may use a copy for longer (RFC 9309 §2.4). So an edit of today judges nothing of yesterday. For one thread at a
/// time. Grows by versions, and by a crawler's fetches of different versions.
/// </remarks>
public sealed class RobotsHistory
{
    private static readonly TimeSpan CopyAgeMax = TimeSpan.FromHours(24);

    private readonly List<RobotsVersion> _versions = [];
    private readonly Dictionary<string, List<Fetch>> _fetches = new(StringComparer.Ordinal);
    private readonly Dictionary<(RobotsVersion Version, string Crawler), RobotsRules> _rules = [];

    // Of a crawler's fetches in a row that saw the same, the first and the last are kept: those between change no judgement.
    private readonly record struct Fetch(DateTimeOffset At, RobotsVersion? Version, RobotsBasis? Basis);

    /// <summary>Every version, oldest first.</summary>
    public IReadOnlyList<RobotsVersion> Versions => _versions;

    /// <summary>Adds what is served from a time on. False when it says the same as the version before.</summary>
    /// <exception cref="ArgumentException">It was seen before the newest version.</exception>
    public bool Add(RobotsVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        if (_versions.Count > 0 && version.SeenAt < _versions[^1].SeenAt)
            throw new ArgumentException($"Seen at {version.SeenAt:O}, before the newest version of {_versions[^1].SeenAt:O}.", nameof(version));
        if (_versions.Count > 0 && version.SaysTheSameAs(_versions[^1]))
            return false;
        _versions.Add(version);
        return true;
    }

    /// <summary>Notes that a crawler asked for robots.txt.</summary>
    /// <param name="crawler">Who.</param>
    /// <param name="at">When.</param>
    /// <param name="status">The answer's status. 4xx and 5xx mean to that crawler what RFC 9309 §2.3.1 says; a redirect, or
    /// an answer that never arrived, says nothing.</param>
    public void NoteFetch(Crawler crawler, DateTimeOffset at, int status)
    {
        ArgumentNullException.ThrowIfNull(crawler);
        // 408, 444 and 499 are written when no answer reached the client.
        if (status is (>= 300 and < 400 and not 304) or 0 or 408 or 444 or 499)
            return;
        ref var fetches = ref CollectionsMarshal.GetValueRefOrAddDefault(_fetches, crawler.Id, out _);
        fetches ??= [];
        int place = fetches.Count;
        while (place > 0 && fetches[place - 1].At > at)
            place--;
        var fetch = new Fetch(at, VersionAt(at), RobotsVersion.BasisOf(status));
        if (place == fetches.Count && place >= 2 && Same(fetches[^1], fetch) && Same(fetches[^2], fetch))
            fetches[^1] = fetch;
        else
            fetches.Insert(place, fetch);

        static bool Same(Fetch a, Fetch b) => a.Version == b.Version && a.Basis == b.Basis;
    }

    /// <summary>Judges one fetch of a crawler.</summary>
    /// <param name="crawler">Who it is; whether it is really so is the caller's to know.</param>
    /// <param name="pathAndQuery">Path with its leading slash, and the query.</param>
    /// <param name="at">When.</param>
    public RobotsJudgement Judge(Crawler crawler, string pathAndQuery, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(crawler);
        if (RobotsRules.IsRobotsFile(pathAndQuery))
            return new RobotsJudgement(RobotsOutcome.NotJudged, RobotsNotJudged.RobotsFileItself, null, null, null);
        var (answer, version, fetchedAt) = Answer(crawler, pathAndQuery, at);
        if (IsUserTriggered(crawler))
            return new RobotsJudgement(RobotsOutcome.NotJudged, RobotsNotJudged.UserTriggered, answer, version, fetchedAt);
        return answer is null
            ? new RobotsJudgement(RobotsOutcome.NotJudged, RobotsNotJudged.NoVersionKnown, null, null, null)
            : new RobotsJudgement(answer.Value.IsAllowed ? RobotsOutcome.Allowed : RobotsOutcome.Disallowed, RobotsNotJudged.None, answer, version, fetchedAt);
    }

    /// <summary>Whether a crawler fetches what a person asked it for, so that robots.txt need not apply, as operators document.</summary>
    public static bool IsUserTriggered(Crawler crawler)
    {
        ArgumentNullException.ThrowIfNull(crawler);
        return crawler.Purpose is Purpose.AiUser or Purpose.AiAgent or Purpose.SocialPreview or Purpose.Feed;
    }

    private (RobotsAnswer? Answer, RobotsVersion? Version, DateTimeOffset? FetchedAt) Answer(Crawler crawler, string pathAndQuery, DateTimeOffset at)
    {
        var fetch = LastFetch(crawler, at);
        if (fetch is { Basis: { } basis, At: var asked })
            return (new RobotsAnswer(basis == RobotsBasis.Unavailable, basis, null), null, asked);
        if (fetch is { Version: { } fetched })
            return (Decide(fetched, crawler, pathAndQuery), fetched, fetch.Value.At);
        return at - DateTimeOffset.MinValue > CopyAgeMax && VersionAt(at - CopyAgeMax) is { } stood
            ? (Decide(stood, crawler, pathAndQuery), stood, null) : default;
    }

    private RobotsAnswer Decide(RobotsVersion version, Crawler crawler, string pathAndQuery)
    {
        if (version.File is null)
            return new RobotsAnswer(version.Basis == RobotsBasis.Unavailable, version.Basis, null);
        ref var rules = ref CollectionsMarshal.GetValueRefOrAddDefault(_rules, (version, crawler.Id), out _);
        rules ??= version.File.RulesFor(RobotsAgent.Of(crawler));
        return rules.Decide(pathAndQuery);
    }

    private Fetch? LastFetch(Crawler crawler, DateTimeOffset before)
    {
        if (!_fetches.TryGetValue(crawler.Id, out var fetches))
            return null;
        for (int i = fetches.Count - 1; i >= 0; i--)
        {
            if (fetches[i].At < before)
                return fetches[i];
        }
        return null;
    }

    private RobotsVersion? VersionAt(DateTimeOffset at) => _versions.FindLast(v => v.SeenAt <= at);
}
