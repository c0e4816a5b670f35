using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;
using Weir.Proxy.Caching;
using Weir.Proxy.Content;
using Weir.Proxy.Origins;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Policies;
using Weir.Proxy.Robots;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>The way of every request through the edge, in one list. Safe from any thread.</summary>
internal sealed class RequestPipeline(
    RequestClock clock, ConnectionReader connection, ClientAddressStep clientAddress, SiteTable sites, OwnEndpoints.OwnEndpoints ownEndpoints,
    Classification classification, PolicyStep policies, OriginForwarder origins, ContentTee content, HitRecorder hits,
    ResponseCache cache, SecureTransport transport, EdgeMetrics metrics, OwnPages ownPages, TextFileWatch textFiles,
    ObjectPool<RequestContext> contexts, ILogger<RequestPipeline> log)
{
    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        var r = contexts.Get();
        clock.Begin(r, http);
        try
        {
            connection.Read(r);                                                                  // 1
            clientAddress.Resolve(r);                                                            // 2
            bool isKnownHost = sites.TryFind(r);                                                 // 3
            if (await ownEndpoints.TryAnswerAsync(r)) return;                                    // 4  a balancer asks for health by address
            if (!isKnownHost) { await UnknownHost.AnswerAsync(r, metrics); return; }             // 3  no site, so no hit: a counter
            ownPages.Mark(r);                                                                    // 5  what the edge answers itself at 7 says something of who asks
            classification.Classify(r);                                                          // 5
            content.Watch(r);                                                                    // 8  begins here: a crawler's HTML is copied as it passes
            textFiles.Watch(r);                                                                  // 8  robots.txt is kept as served
            try
            {
                if (transport.TryRedirect(r)) return;                                            // 6  no rule is asked: it will be over HTTPS
                await (policies.LetsPass(r) ? AnswerAsync(r) : PolicyStep.RefuseAsync(r));       // 6, 7
            }
            catch (Exception fault) { await EdgeFault.AnswerAsync(r, fault, log); }
            finally { clock.Stop(r); classification.Complete(r); content.HandOver(r); textFiles.HandOver(r); hits.Record(r); }         // 8, 9  refused and failed requests are hits too
        }
        finally
        {
            r.End();
            contexts.Return(r);
        }
    }

    // 7
    private Task AnswerAsync(RequestContext r)
    {
        if (r.OwnPage != OwnPage.None) return ownPages.AnswerAsync(r);                           // robots.txt, trap, beacon
        if (r.Site.Maintenance is { } gate && gate.Stops(r)) return gate.AnswerAsync(r);
        if (r.Site.Cache is not null) return cache.AnswerAsync(r);                               // only where the site asks for it
        // Sheds programs when the chosen origin is hard pressed.
        return origins.ForwardAsync(r);
    }
}
