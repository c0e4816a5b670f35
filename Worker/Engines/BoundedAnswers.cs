using System.Net;
using System.Net.Http.Headers;

namespace Weir.Worker.Engines;

/// <summary>Below retries and breaker, at the connection: reads a bounded answer, judges its shape, and tells the concurrency limit how the engine fares.</summary>
/// <remarks>Statuses of 4xx and 5xx are handed on without a body, which nobody needs: the strategies above go by status and Retry-After.</remarks>
internal sealed class BoundedAnswers(EngineOptions engine, ConcurrencyLimit limit, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Where the sources of the answer under way go; set by whoever asks, in the flow of the call.</summary>
    internal static readonly AsyncLocal<LinkBox?> Links = new();

    internal sealed class LinkBox
    {
        public IReadOnlyList<string> Found { get; set; } = [];
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        long round = limit.Round;
        var response = await base.SendAsync(request, cancellationToken);
        int status = (int)response.StatusCode;
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            limit.Lower(round);
        if (status >= 400)
        {
            response.Content = new ByteArrayContent([]);
            return response;
        }
        using var answered = response;
        if (status is < 200 or >= 300)
            throw new EngineException(EngineFailure.Redirected, $"The engine answered {status}; redirects are not followed. Write the address it leads to in the engine's url.");
        byte[] body = await ReadAsync(answered.Content, cancellationToken);
        var links = AnswerShape.Read(body, engine.Model);
        if (Links.Value is { } box)
            box.Found = links;
        limit.Raise();
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
    }

    private async Task<byte[]> ReadAsync(HttpContent content, CancellationToken stop)
    {
        if (content.Headers.ContentLength > engine.AnswerBytesMax)
            throw TooLarge();
        await using var stream = await content.ReadAsStreamAsync(stop);
        using var whole = new MemoryStream();
        byte[] piece = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(piece, stop)) > 0)
        {
            if (whole.Length + read > engine.AnswerBytesMax)
                throw TooLarge();
            whole.Write(piece, 0, read);
        }
        return whole.ToArray();
    }

    private EngineException TooLarge() => new(EngineFailure.TooLarge, $"The engine's answer has more than {engine.AnswerBytesMax:N0} bytes.");
}
