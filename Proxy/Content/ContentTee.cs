using System.Buffers;
using Weir.Detection;
using Weir.Ingest;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Content;

/// <summary>Step 8: a crawler fetches HTML; a copy of what passes goes to the background reader, or is shed and counted.</summary>
internal sealed class ContentTee(ContentQueue queue, EdgeOptions options)
{
    /// <summary>Begins to watch the answer, if a crawler asks for a page and the sample takes it.</summary>
    public void Watch(RequestContext r)
    {
        if (r.Verdict.Kind == VerdictKind.Crawler && queue.IsRead && r.Http.Request.Method == "GET" && IsSampled(r.HitId))
            r.Body.Tap.Arm(queue);
    }

    /// <summary>Hands over the copy of an answer that came to its end.</summary>
    public void HandOver(RequestContext r)
    {
        if (r.Body.Tap.Take(out int length, out var facts) is not { } bytes)
            return;
        if (r.Error != EdgeError.None)
        {
            ArrayPool<byte>.Shared.Return(bytes);
            queue.GiveBackPlace();
            queue.CountShed(ContentShed.Incomplete);
            return;
        }
        queue.Add(new ContentCopy(bytes, length, facts, new ContentSighting
        {
            TimeMs = r.TimeMs,
            Site = r.Site.Settings.Id,
            HitId = r.HitId,
            Host = HitRecorder.HostOf(r),
            Path = HitRecorder.PathOf(r).ToString(),
            Query = HitRecorder.QueryOf(r).ToString(),
            Crawler = r.Verdict.Crawler?.Id ?? "",
            Identity = r.Verdict.Identity,
        }, KeepsText(r)));
    }

    // What anybody may read, as its reader proved to be a crawler: no answer to somebody who is signed in. An address with a query is left out: links of queries
    // to pages know none, and it may hold a session or what a person searched.
    private static bool KeepsText(RequestContext r) =>
        r.Site.Settings.Privacy.KeepsPageTexts && r.Verdict.Identity == Identity.Verified && r.Query.Length == 0 && r.OwnPage == OwnPage.None
        && r.Http.Request.Headers.Cookie.Count == 0 && r.Http.Request.Headers.Authorization.Count == 0;

    // By the hit's id, so that nobody needs a random number; its low bits count up, so they are stirred first.
    private bool IsSampled(ulong hitId) => options.ContentSample >= 1 || (hitId * 0x9E3779B97F4A7C15 >> 11) * (1.0 / (1UL << 53)) < options.ContentSample;
}

/// <summary>A page that waits to be read.</summary>
/// <param name="Bytes">From the shared pool; whoever reads it gives it back.</param>
/// <param name="Length">How many of them are the page's.</param>
/// <param name="Facts">What its headers say of them.</param>
/// <param name="Fetch">The fetch, still without what the page shows.</param>
/// <param name="KeepsText">Whether the page's text may be kept.</param>
internal sealed record ContentCopy(byte[] Bytes, int Length, HttpContentFacts Facts, ContentSighting Fetch, bool KeepsText);

/// <summary>Why a page was not read. Names are part of what users build alerts on.</summary>
internal enum ContentShed
{
    /// <summary>As many copies as allowed are being made or wait.</summary>
    QueueFull,

    /// <summary>The answer did not come to its end.</summary>
    Incomplete,

    /// <summary>The edge stopped before.</summary>
    Stopped,
}
