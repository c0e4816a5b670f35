using System.Buffers;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Caching;

/// <summary>How a trip to the origin ended for the cache.</summary>
internal enum FillEnd
{
    /// <summary>The answer passes to the client, or an error does.</summary>
    Passed,

    /// <summary>The origin says that the kept answer is still good.</summary>
    StillGood,

    /// <summary>The origin failed, and the kept answer may be given instead.</summary>
    OriginFailed,

    /// <summary>The origin says that another answer than the kept one is still good.</summary>
    OtherStillGood,
}

/// <summary>One trip to the origin for a site that keeps answers: asks whether the kept one is still good, copies what passes. One writer at a time.</summary>
internal sealed class CacheFill(CacheStore store, SiteCacheRules rules, TimeProvider time) : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    private readonly long _requestMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private StoredAnswer? _draft;
    private byte[]? _bytes;
    private int _length;
    private long _room;

    /// <summary>The request as the cache reads it; null when the answer just passes.</summary>
    public CachedRequest? Asked { get; init; }

    /// <summary>A kept answer past its time.</summary>
    public StoredAnswer? Held { get; init; }

    /// <summary>Whether <see cref="Held"/> may be given when the origin fails.</summary>
    public bool MayServeOnError { get; init; }

    /// <summary>Why the origin is asked, in the words of RFC 9211 §2.2.</summary>
    public required string Reason { get; init; }

    /// <summary>Others that wait for this answer; null when nobody can.</summary>
    public Flight? Flight { get; init; }

    /// <summary>Answers of the address removed when the trip began; see <see cref="CacheStore.Put"/>.</summary>
    public long Removals { get; init; }

    /// <summary>How it ended.</summary>
    public FillEnd End { get; private set; }

    /// <summary>The status that the origin gave; 0 for none.</summary>
    public int OriginStatus { get; private set; }

    /// <summary>The kept answer with the origin's newer headers, when it is still good and may be kept on.</summary>
    public StoredAnswer? Refreshed { get; private set; }

    private bool IsValidating => Held is { HasValidator: true };

    /// <summary>Asks for the answer only if it differs from the kept one (RFC 9111 §4.3.1). Of what the client holds, the cache judges itself.</summary>
    public void WriteValidators(HttpRequestHeaders headers)
    {
        if (!IsValidating)
            return;
        headers.Remove("If-None-Match");
        headers.Remove("If-Modified-Since");
        if (Held!.ETag.Length > 0)
            headers.TryAddWithoutValidation("If-None-Match", Held.ETag);
        if (Held.LastModified.Length > 0)
            headers.TryAddWithoutValidation("If-Modified-Since", Held.LastModified);
    }

    /// <summary>The origin's headers have come, and stand in the response already.</summary>
    /// <returns>False when the client will be answered from the cache instead.</returns>
    public bool LetsPass(RequestContext r, HttpResponseMessage message)
    {
        var response = r.Http.Response;
        OriginStatus = response.StatusCode;
        if (IsValidating && OriginStatus == StatusCodes.Status304NotModified)
        {
            End = IsSame(Held!.ETag, response.Headers.ETag.ToString()) ? FillEnd.StillGood : FillEnd.OtherStillGood;
            if (End == FillEnd.StillGood)
                Refreshed = Storability.Refreshed(Held, FactsOf(r, response, message));
            return false;
        }
        if (MayServeOnError && OriginStatus is 500 or 502 or 503 or 504)
        {
            End = FillEnd.OriginFailed;
            return false;
        }
        if (Asked is { IsHead: false } && OriginStatus != StatusCodes.Status304NotModified)
            Begin(r, response, message);
        Flight?.Decide(_draft is { } draft && Freshness.Judge(draft.Control, draft.LifetimeMs, draft.InitialAgeMs, default, Asked!.CrawlerSeconds) == Standing.Fresh);
        if (rules.Settings.WritesStatus)
            response.Headers.Append(CacheStatus.Header, CacheStatus.Forwarded(Reason, OriginStatus, _draft is not null));
        return true;
    }

    /// <summary>No answer came, or none that could be read.</summary>
    /// <returns>Whether the kept one is given instead; the request then went well.</returns>
    public bool TakesOver(RequestContext r)
    {
        if (!MayServeOnError || r.Error is EdgeError.ClientAborted or EdgeError.ClientTimeout or EdgeError.BadRequest or EdgeError.BodyTooLarge)
            return false;
        r.Error = EdgeError.None;
        End = FillEnd.OriginFailed;
        return true;
    }

    /// <summary>Copies what passes, if it is to be kept and not too large.</summary>
    public void Add(ReadOnlySpan<byte> passing)
    {
        if (_draft is null)
            return;
        if (_length + passing.Length > BytesMax || !TryGrow(_length + passing.Length))
        {
            Forget();
            return;
        }
        passing.CopyTo(_bytes.AsSpan(_length));
        _length += passing.Length;
    }

    /// <summary>Keeps nothing of what passes.</summary>
    public void Forget()
    {
        Flight?.Decide(false);
        Drop();
    }

    /// <summary>The whole answer, ready to be kept; null when it may not be. Only after the origin's answer came to its end without error.</summary>
    public StoredAnswer? Take() => _draft is { } draft ? draft with { Body = _length == 0 ? [] : _bytes.AsSpan(0, _length).ToArray() } : null;

    /// <summary>Gives back what it holds.</summary>
    public void Dispose() => Drop();

    private long BytesMax => Math.Min(rules.Settings.EntryBytesMax, store.BodyBytesMax);

    // Weak comparison (RFC 9110 §8.8.3.2); a 304 need not repeat what it was asked with.
    private static bool IsSame(string held, string named) =>
        named.Length == 0 || held.Length == 0 || Preconditions.WithoutWeakness(held).SequenceEqual(Preconditions.WithoutWeakness(named));

    private void Begin(RequestContext r, HttpResponse response, HttpResponseMessage message)
    {
        if (message.Content.Headers.ContentLength > BytesMax || message.TrailingHeaders.Any())
            return;
        _draft = Storability.Draft(FactsOf(r, response, message));
    }

    private AnswerFacts FactsOf(RequestContext r, HttpResponse response, HttpResponseMessage message) => new()
    {
        Request = r.Http.Request.Headers,
        Status = response.StatusCode,
        Answer = response.Headers,
        HopNames = message.Headers.Connection,
        RequestMs = _requestMs,
        ResponseMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        ArrivedAt = time.GetTimestamp(),
        IsHeuristic = rules.Settings.IsHeuristic,
        HasCrawlerAge = Asked!.HasCrawlerAge,
        Partition = Asked.Partition,
        HasCookie = Asked.HasCookie,
        HasCredentials = Asked.HasCredentials,
        IsKeptForErrors = rules.Settings.StaleIfErrorSeconds > 0,
    };

    private bool TryGrow(int needed)
    {
        if (_bytes is not null && needed <= _bytes.Length)
            return true;
        int size = (int)Math.Min(BytesMax, Math.Max(needed, Math.Max(FirstBytes, (_bytes?.Length ?? 0) * 4L)));
        if (!store.TryTakeRoom(size - _room))
            return false;
        _room = size;
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes is not null)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
        return true;
    }

    private void Drop()
    {
        _draft = null;
        if (_bytes is not null)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = null;
        store.GiveBackRoom(_room);
        _room = 0;
        _length = 0;
    }
}
