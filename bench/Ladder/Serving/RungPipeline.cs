using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.ObjectPool;
using Weir.Proxy.Origins;
using Weir.Proxy.Pipeline;
using Weir.Proxy.Sites;

namespace Weir.Ladder.Serving;

/// <summary>Weir's pipeline up to a step: the product's own steps, some of them left out.</summary>
internal sealed class RungPipeline(
    RequestClock clock, ConnectionReader connection, ClientAddressStep clientAddress, SiteTable sites, Classification classification,
    OriginForwarder origins, HitRecorder hits, ObjectPool<RequestContext> contexts)
{
    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext http, Step step)
    {
        var r = contexts.Get();
        clock.Begin(r, http);
        try
        {
            connection.Read(r);
            clientAddress.Resolve(r);
            if (!sites.TryFind(r))
                throw new InvalidOperationException($"No site has the host {http.Request.Host}.");
            if (step >= Step.Detect)
                classification.Classify(r);
            await origins.ForwardAsync(r);
            clock.Stop(r);
            if (step >= Step.Detect)
                classification.Complete(r);
            if (step >= Step.Record)
                hits.Record(r);
        }
        finally
        {
            r.End();
            contexts.Return(r);
        }
    }
}
