using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Ingest;
using Weir.Proxy.Origins;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Caching;

/// <summary>Answers from kept answers where RFC 9111 lets it, and from the origin otherwise. For sites that ask for it. Safe from any thread.</summary>
/// <remarks>ASP.NET's output caching was looked at first. Its policies decide on Vary before the answer is known, see neither the headers nor the
/// validators of a kept entry, and hold every equal request until the first has been answered whole, streams included: so neither validation
/// nor Vary nor Age of RFC 9111 can be built on it. Kept answers live in Microsoft.Extensions.Caching.Memory.</remarks>
internal sealed class ResponseCache(
    CacheStore store, OriginForwarder origins, SecureTransport transport, CacheMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime,
    ILogger<ResponseCache> log)
{
    // An equal request may be answered to a client that reads slowly; then the others ask for themselves.
    private static readonly TimeSpan BodyWait = TimeSpan.FromSeconds(2);

    private const int RefreshesMax = 256;

    private readonly Flights _flights = new();
    private readonly PassMarks _passing = new(time);
    private int _refreshes;

    /// <summary>Answers the request.</summary>
    public async Task AnswerAsync(RequestContext r)
    {
        if (CachedRequest.Of(r, transport.SchemeOf(r)) is { } asked)
            await LookUpAsync(r, asked);
        else
            await PassAsync(r);
        metrics.Answered(r.Cache, r.Cache is CacheResult.Hit or CacheResult.Stale && r.Body.Fill is null);
    }

    private async Task PassAsync(RequestContext r)
    {
        string method = r.Http.Request.Method;
        r.Cache = CacheResult.Bypass;
        using var fill = new CacheFill(store, r.Site.Cache!, time) { Reason = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? "bypass" : "method" };
        r.Body.Fill = fill;
        await origins.ForwardAsync(r);
        if (fill.OriginStatus is >= 200 and < 400)
            Invalidation.After(r, store);
    }

    private async Task LookUpAsync(RequestContext r, CachedRequest asked)
    {
        bool hasWaited = false;
        for (int round = 0; ; round++)
        {
            var held = store.Find(asked.Key, r.Http.Request.Headers, asked.Partition);
            if (held is not null && !Storability.MayShare(held.Control, asked.HasCookie, asked.HasCredentials))
                held = null;
            long ageMs = held?.AgeMs(time) ?? 0;
            var standing = held is null ? Standing.Absent : Freshness.Judge(held.Control, held.LifetimeMs, ageMs, asked.Control, asked.CrawlerSeconds);
            if (standing is Standing.Fresh or Standing.StaleAccepted)
            {
                await GiveAsync(r, held!, standing == Standing.Fresh ? CacheResult.Hit : CacheResult.Stale, hasWaited ? CacheStatus.Collapsed : null);
                return;
            }
            if (standing == Standing.StaleWhileRevalidate && !asked.HasSecrets)
            {
                Refresh(r, asked, held!);
                await GiveAsync(r, held!, CacheResult.Stale, null);
                return;
            }
            if (asked.Control.OnlyIfCached)
            {
                r.Cache = CacheResult.Miss;
                await ErrorAnswer.WriteAsync(r, StatusCodes.Status504GatewayTimeout, "Only a kept answer was asked for, and there is none.");
                return;
            }
            string question = QuestionOf(r, asked);
            if (round >= 2 || !MayShare(asked, held, question))
            {
                await FetchAsync(r, asked, held, question, null);
                return;
            }
            if (_flights.TryLead(question, out var flight))
            {
                await LeadAsync(r, asked, held, question, flight);
                return;
            }
            if (!await FollowAsync(r, question, flight))
                return;
            hasWaited = true;
        }
    }

    // Who sends credentials, a HEAD or a condition of their own may get another answer than the next.
    private bool MayShare(CachedRequest asked, StoredAnswer? held, string question) =>
        !asked.HasSecrets && !asked.IsHead && (held is not null || !asked.IsConditional) && !_passing.Has(question);

    private string QuestionOf(RequestContext r, CachedRequest asked) =>
        string.Concat(asked.Key, "\n", asked.Partition, store.VariantOf(asked.Key, r.Http.Request.Headers));

    private async Task LeadAsync(RequestContext r, CachedRequest asked, StoredAnswer? held, string question, Flight flight)
    {
        try
        {
            await FetchAsync(r, asked, held, question, flight);
        }
        finally
        {
            _flights.End(question, flight);
        }
    }

    // False when the client went away meanwhile.
    private async Task<bool> FollowAsync(RequestContext r, string question, Flight flight)
    {
        var aborted = r.Http.RequestAborted;
        long began = time.GetTimestamp();
        try
        {
            if (await flight.Decided.WaitAsync(aborted))
                await flight.Ended.WaitAsync(BodyWait, time, aborted);
        }
        catch (TimeoutException)
        {
            _flights.Forget(question, flight);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            r.Error = EdgeError.ClientAborted;
            return false;
        }
        finally
        {
            // Another's wait for the origin is not the edge's own time.
            r.OriginTime += time.GetElapsedTime(began);
        }
        return true;
    }

    private async Task FetchAsync(RequestContext r, CachedRequest asked, StoredAnswer? held, string question, Flight? flight)
    {
        r.Cache = CacheResult.Miss;
        using var fill = NewFill(r, asked, held, flight);
        r.Body.Fill = fill;
        await origins.ForwardAsync(r);
        switch (fill.End)
        {
            case FillEnd.StillGood:
                Keep(r, fill, fill.Refreshed, question);
                if (flight is not null)
                    _flights.End(question, flight);
                await GiveAnewAsync(r, fill.Refreshed ?? held!, CacheResult.Revalidated, StatusCodes.Status304NotModified);
                break;
            case FillEnd.OriginFailed:
                if (flight is not null)
                    _flights.End(question, flight);
                await GiveAnewAsync(r, held!, CacheResult.Stale, fill.OriginStatus);
                break;
            case FillEnd.OtherStillGood:
                store.Remove(asked.Key);
                r.Http.Response.Clear();
                await FetchAsync(r, asked, null, question, flight);
                break;
            default:
                if (r.Error == EdgeError.None)
                    Keep(r, fill, fill.Take(), question);
                break;
        }
    }

    private CacheFill NewFill(RequestContext r, CachedRequest asked, StoredAnswer? held, Flight? flight) => new(store, r.Site.Cache!, time)
    {
        Asked = asked,
        // A HEAD brings no body to keep, and its 304 would be for a GET's.
        Held = asked.IsHead ? null : held,
        MayServeOnError = held is not null && Freshness.MayServeOnError(held.Control, held.LifetimeMs, held.AgeMs(time), asked.Control, r.Site.Cache!.Settings.StaleIfErrorSeconds),
        Reason = held is not null ? "stale" : "uri-miss",
        Flight = flight,
        Removals = store.RemovalsOf(asked.Key),
    };

    private void Keep(RequestContext r, CacheFill fill, StoredAnswer? answer, string question)
    {
        string key = fill.Asked!.Key;
        if (answer is not null)
        {
            var settings = r.Site.Cache!.Settings;
            int stale = Math.Max(answer.Control.StaleWhileRevalidate, Math.Max(answer.Control.StaleIfError ?? 0,
                Math.Max(settings.StaleIfErrorSeconds, r.Site.Cache.CrawlerSecondsFor(r.Path) ?? 0)));
            store.Put(key, answer, fill.Removals, TimeSpan.FromSeconds(stale));
        }
        else if (fill.Held is not null && fill.OriginStatus is > 0 and < 500)
        {
            // What replaced it may not be kept, so what was kept is no longer true.
            store.Remove(key);
        }
        // Faults pass, and an origin that has them needs to be asked less, not more.
        if (!fill.Asked.IsHead && !fill.Asked.HasSecrets && fill.OriginStatus < 500)
            _passing.Set(question, answer is null || Freshness.Judge(answer.Control, answer.LifetimeMs, answer.AgeMs(time), default, fill.Asked.CrawlerSeconds) != Standing.Fresh);
    }

    private Task GiveAnewAsync(RequestContext r, StoredAnswer answer, CacheResult result, int originStatus)
    {
        // The origin's headers, or those of an error, stand there.
        r.Http.Response.Clear();
        return GiveAsync(r, answer, result, CacheStatus.Validated(originStatus));
    }

    private Task GiveAsync(RequestContext r, StoredAnswer answer, CacheResult result, string? status)
    {
        r.Cache = result;
        long ageMs = answer.AgeMs(time);
        bool isTold = r.Site.Cache!.Settings.WritesStatus;
        return CachedAnswer.WriteAsync(r, answer, ageMs, isTold ? status ?? CacheStatus.Hit(answer.LifetimeMs - ageMs) : null, transport);
    }

    // Nobody waits for it; at most one for each question, and some hundreds in all.
    private void Refresh(RequestContext r, CachedRequest asked, StoredAnswer held)
    {
        string question = QuestionOf(r, asked);
        if (Volatile.Read(ref _refreshes) >= RefreshesMax || !_flights.TryLead(question, out var flight))
            return;
        Interlocked.Increment(ref _refreshes);
        var copy = DetachedRequest.Of(r, time, lifetime.ApplicationStopping);
        _ = RefreshAsync(copy, asked with { IsHead = false, IsConditional = false }, held, question, flight);
    }

    private async Task RefreshAsync(RequestContext copy, CachedRequest asked, StoredAnswer held, string question, Flight flight)
    {
        // The client's answer comes first.
        await Task.Yield();
        try
        {
            await LeadAsync(copy, asked, held, question, flight);
        }
        catch (Exception fault)
        {
            log.RefreshFailed(fault, copy.RequestId);
        }
        finally
        {
            Interlocked.Decrement(ref _refreshes);
            copy.End();
        }
    }
}
