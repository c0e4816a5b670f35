namespace Weir.Scheduling.Results;

/// <summary>What scanning does for a tenant: how much is looked at, how fresh it is, and what it saves against one scan a day for each target.</summary>
/// <param name="Days">The span that is reported: so many days until now.</param>
/// <param name="Coverage">What is looked at.</param>
/// <param name="Freshness">How much of what was found still holds.</param>
/// <param name="Saving">Scans of the span, against one a day for each target.</param>
/// <param name="Found">What the scans of the span found.</param>
/// <param name="Queue">What waits.</param>
public sealed record ScanOverview(int Days, ScanCoverage Coverage, ScanFreshness Freshness, ScanSaving Saving, ScanFindings Found, QueueStanding Queue);

/// <summary>What is looked at.</summary>
/// <param name="Targets">All targets.</param>
/// <param name="Scanned">Those with a result of the span.</param>
/// <param name="Ever">Those with any result.</param>
/// <param name="Share">Scanned of all, 0 to 1; null without targets.</param>
/// <param name="Cited">Targets whose last result cites the brand.</param>
/// <param name="Gap">Targets whose last result does not.</param>
/// <param name="LostCitation">Targets whose last result has lost the citation that there was.</param>
public sealed record ScanCoverage(long Targets, long Scanned, long Ever, double? Share, long Cited, long Gap, long LostCitation);

/// <summary>How much of what was found still holds.</summary>
/// <param name="Share">Estimated share of targets whose last result still holds, 0 to 1; a target without result does not count as one. Null without targets.</param>
/// <param name="By">What it is estimated from: <c>beliefs</c>, what planning believes of each target; or, where it knows not all of them or they are over 5,000,
/// <c>age</c>, each result's age by how often this tenant's answers were seen to change.</param>
/// <param name="ChangeDays">Mean days between two changes of a target's answer, as the scans saw them; with one change in 30 days supposed beforehand.</param>
public sealed record ScanFreshness(double? Share, string By, double ChangeDays);

/// <summary>What was not spent.</summary>
/// <param name="Scans">Scans that gave a result.</param>
/// <param name="DailyScans">Scans that one a day for each target would have been, from its making on.</param>
/// <param name="Share">What was saved of these, 0 to 1; below 0 when there were more. Null without targets.</param>
/// <param name="Cost">Cost of the scans, by what one costs at its engine.</param>
/// <param name="DailyCost">Cost of the others.</param>
public sealed record ScanSaving(long Scans, long DailyScans, double? Share, double Cost, double DailyCost);

/// <summary>What scans found.</summary>
/// <param name="Changes">Results that differ from the target's one before: cited where it was not, or the other way round.</param>
/// <param name="Won">Those that cite the brand where the one before did not.</param>
/// <param name="Lost">Those that do not where the one before did.</param>
public sealed record ScanFindings(long Changes, long Won, long Lost);

/// <summary>What waits in the queue.</summary>
/// <param name="Waiting">Scans that are not due yet.</param>
/// <param name="Due">Scans that are due and nobody does.</param>
/// <param name="Leased">Scans under way.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestDue">Since when the longest due one is; null when none is.</param>
public sealed record QueueStanding(long Waiting, long Due, long Leased, long Dead, DateTimeOffset? OldestDue);
