using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Worker.Citations;
using Weir.Worker.Engines;

namespace Weir.Worker.Scans;

/// <summary>Does one scan: asks, finds the citation, tells the API. Safe from any thread.</summary>
internal sealed class ScanRun(
    EngineOptions engine, EngineClient client, AnswerCache answers, Gatherer<FoundScan> completing, Gatherer<FailedScan> failing, HeldScans holds,
    WorkerOptions options, WorkerMetrics metrics, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan TellAgainFirst = TimeSpan.FromMilliseconds(200), TellAgainMax = TimeSpan.FromSeconds(5);

    /// <summary>Does a scan to its end, whatever that is.</summary>
    /// <param name="scan">As it was leased.</param>
    /// <param name="abandon">Gives the scan back.</param>
    /// <returns>When the engine is through with it, with how long it asked to be left alone; and when the API knows. Neither fails.</returns>
    public (Task<TimeSpan?> Asked, Task Told) Run(LeasedScan scan, CancellationToken abandon)
    {
        var asked = new TaskCompletionSource<TimeSpan?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (asked.Task, RunAsync(scan, asked, abandon));
    }

    private async Task RunAsync(LeasedScan scan, TaskCompletionSource<TimeSpan?> asked, CancellationToken abandon)
    {
        long begun = time.GetTimestamp();
        using var held = holds.Hold(scan, abandon);
        try
        {
            var found = await FindAsync(scan, held.Stop, abandon);
            asked.SetResult(null);
            var outcome = await TellAsync(held, () => completing.TellAsync(new FoundScan(scan, found)));
            metrics.Completed(engine.Engine, found.Result, outcome, time.GetElapsedTime(begun));
            if (outcome != TellOutcome.Told)
                log.ResultRefused(scan.Id, outcome);
        }
        catch (EngineException e)
        {
            asked.SetResult(e.Failure is EngineFailure.RateLimited or EngineFailure.Overloaded ? e.RetryAfter : null);
            metrics.Failed(engine.Engine, e.Failure);
            await GiveBackAsync(held, ReasonOf(scan, e), KindOf(e.Failure), e.RetryAfter);
        }
        catch (OperationCanceledException)
        {
            if (!held.IsLost)
                await GiveBackAsync(held, "The worker was stopped before the engine had answered.", "returned");
        }
        catch (ApiAwayException e)
        {
            log.ResultNotTold(scan.Id, e.Message);
        }
        catch (Exception e)
        {
            log.ScanBroke(scan.Id, e);
            await GiveBackAsync(held, $"The worker failed on this answer ({e.GetType().Name}); see its log.");
        }
        finally
        {
            asked.TrySetResult(null);
        }
    }

    private async Task<Citation> FindAsync(LeasedScan scan, CancellationToken stop, CancellationToken abandon)
    {
        var notBefore = scan.Triggers.Count > 0 ? scan.Triggers.Max(t => t.At) : DateTimeOffset.MinValue;
        var (answer, isShared) = await answers.GetAsync(engine.Engine, scan.Query, notBefore, () => client.AskAsync(scan.Query, abandon), stop);
        metrics.Answered(engine.Engine, isShared);
        var found = CitationFinder.Find(answer.Text, answer.Links, scan.Query, MarksOf(scan), scan.LastResult);
        return found with { Evidence = found.Evidence with { Model = Bounded(answer.Model), AskedAt = answer.AskedAt, IsShared = isShared, IsCut = answer.IsCut } };
    }

    private BrandMarks MarksOf(LeasedScan scan)
    {
        var more = options.Brands.Where(b => string.Equals(b.Brand, scan.Brand, StringComparison.OrdinalIgnoreCase)).ToList();
        return new BrandMarks([scan.Brand, .. more.SelectMany(b => b.Names)], [.. scan.Hosts, .. more.SelectMany(b => b.Hosts)]);
    }

    // What was known before is said with its age and never posted as a result: a scan that did not happen found nothing.
    private string ReasonOf(LeasedScan scan, EngineException e)
    {
        if (scan is not { LastResult: { } last, LastScan: { } at })
            return e.Message;
        metrics.Degraded(engine.Engine);
        double hours = Math.Max(0, (time.GetUtcNow() - at).TotalHours);
        return string.Create(CultureInfo.InvariantCulture, $"{e.Message} Degraded: last known is '{last}', {hours:0.0} h old.");
    }

    // What was not asked did not fail: a breaker that is open must not use up a scan's attempts.
    private static string KindOf(EngineFailure failure) => failure switch
    {
        EngineFailure.RateLimited or EngineFailure.Overloaded => "overload",
        EngineFailure.TimedOut => "timeout",
        EngineFailure.BreakerOpen => "returned",
        _ => "error",
    };

    private async Task GiveBackAsync(HeldScan held, string reason, string kind = "error", TimeSpan? retryAfter = null)
    {
        try
        {
            var outcome = await TellAsync(held, () => failing.TellAsync(new FailedScan(held.Scan, reason, kind, retryAfter)));
            log.ScanGivenBack(held.Scan.Id, engine.Engine, reason, outcome);
        }
        catch (ApiAwayException e)
        {
            log.ResultNotTold(held.Scan.Id, e.Message);
        }
    }

    // The answer is paid for: it is told again for as long as the lease may last. The fencing token sees to it that it counts once.
    private async Task<TellOutcome> TellAsync(HeldScan held, Func<Task<TellOutcome>> tell)
    {
        long begun = time.GetTimestamp();
        var wait = TellAgainFirst;
        while (true)
        {
            try
            {
                return await tell();
            }
            catch (ApiAwayException) when (!held.IsLost && !held.Stop.IsCancellationRequested && time.GetElapsedTime(begun) + wait < options.Lease)
            {
                await Task.Delay(wait, time, held.Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                wait = wait * 2 < TellAgainMax ? wait * 2 : TellAgainMax;
            }
        }
    }

    private static string Bounded(string model) => AnswerText.Snippet(AnswerText.Clean(model), 0, 0, around: 100);
}
