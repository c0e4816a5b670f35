using System.Globalization;
using System.Text.Json;
using Weir.Scheduling.Queue;
using Weir.Scheduling.Results;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Reads what workers say of scans, alone or many in a list.</summary>
internal static class ScanCheck
{
    /// <summary>Most scans of one call.</summary>
    public const int ScansMax = 100;

    private const int EvidenceLength = 64 * 1024;
    private const int ReasonLength = 1000;

    /// <summary>The scans of a list, each read by a way that names its fields; empty when there is no list.</summary>
    public static List<TRead> Each<TBody, TRead>(QueryCheck check, IReadOnlyList<TBody?>? scans, Func<QueryCheck, string, TBody?, TRead> read)
    {
        if (scans is null || scans.Count is 0 or > ScansMax)
        {
            check.Error("scans", $"'scans' must be a list of 1 to {ScansMax} scans.");
            return [];
        }
        return [.. scans.Select((scan, i) => read(check, $"scans[{i.ToString(CultureInfo.InvariantCulture)}].", scan))];
    }

    /// <summary>A lease.</summary>
    public static ScanHold Hold(QueryCheck check, string at, long? id, long? fencingToken)
    {
        if (id is null)
            check.Error($"{at}id", "'id' must be the scan's number, as the lease gave it.");
        if (fencingToken is null)
            check.Error($"{at}fencingToken", "'fencingToken' must be the number that came with the lease.");
        return new ScanHold(id ?? 0, fencingToken ?? 0);
    }

    /// <summary>A lease.</summary>
    public static ScanHold Hold(QueryCheck check, string at, HoldBody? body) => Hold(check, at, body?.Id, body?.FencingToken);

    /// <summary>What a scan found.</summary>
    public static FoundScan Found(QueryCheck check, string at, CompleteBody? body)
    {
        var hold = Hold(check, at, body?.Id, body?.FencingToken);
        if (!ScanResults.TryParse(body?.Result, out var result))
            check.Error($"{at}result", $"'result' must be {ScanResults.Names}.");
        string? evidence = body?.Evidence is { ValueKind: not JsonValueKind.Null } json ? json.GetRawText() : null;
        if (evidence?.Length > EvidenceLength)
            check.Error($"{at}evidence", $"'evidence' has {evidence.Length} characters; at most {EvidenceLength} are kept.");
        return new FoundScan(hold, result, evidence);
    }

    /// <summary>Why an attempt failed.</summary>
    public static FailedScan Failed(QueryCheck check, string at, FailBody? body)
    {
        var hold = Hold(check, at, body?.Id, body?.FencingToken);
        string? reason = check.Text($"{at}reason", body?.Reason?.Trim(), ReasonLength);
        if (reason is null)
            check.Error($"{at}reason", $"'reason' must say in 1 to {ReasonLength} characters why the attempt failed.");
        string? kind = check.OneOf($"{at}kind", body?.Kind, FailureKinds.Names);
        int seconds = check.Int($"{at}retryAfterSeconds", body?.RetryAfterSeconds?.ToString(CultureInfo.InvariantCulture), 0, 86_400, 0);
        return new FailedScan(
            hold, reason ?? "", kind is null ? FailureKind.Error : Enum.Parse<FailureKind>(kind, ignoreCase: true), TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Why a caller does not hold a scan.</summary>
    public static string WhyNotHeld(long id, HoldAnswer answer)
    {
        string who = answer.Worker is null ? "nobody" : $"'{answer.Worker}'";
        return answer.State switch
        {
            ScanState.Leased => $"Scan {id} is held by {who} until {answer.LeasedUntil:u} under another fencing token, or that time is past.",
            ScanState.Queued => $"The lease of scan {id} ran out or was given back; nobody holds it now, and {who} held it last.",
            ScanState.Done => $"Scan {id} was completed by {who}.",
            ScanState.Dead => $"Scan {id} is a dead letter; {who} held it last.",
            _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, "Not a state."),
        };
    }

    /// <summary>An answer for each scan of a call.</summary>
    public static ScanAnswers Answers(IEnumerable<ScanHold> holds, IReadOnlyList<HoldAnswer> answers) => new([.. holds.Zip(answers, Answer)]);

    private static ScanAnswer Answer(ScanHold hold, HoldAnswer answer) => answer.Outcome switch
    {
        HoldOutcome.Done => new ScanAnswer(hold.Id, 200, ScanItem.NameOf(answer.State), answer.LeasedUntil, answer.Due),
        HoldOutcome.NotFound => new ScanAnswer(hold.Id, 404, null, null, null, Detail: $"This key knows no scan {hold.Id}."),
        HoldOutcome.NotHeld => new ScanAnswer(hold.Id, 409, ScanItem.NameOf(answer.State), answer.State == ScanState.Leased ? answer.LeasedUntil : null, null,
            answer.Worker, WhyNotHeld(hold.Id, answer)),
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, "Not an outcome."),
    };
}
