using System.Collections.Concurrent;

namespace Weir.Ingest.ClickHouse;

/// <summary>Sends requests to the first of several equal servers that answers. Safe from any thread.</summary>
/// <remarks>
/// A request stays with one server while that is well, so that it reads what it wrote. A server that cannot be connected to, breaks off, or says that
/// it cannot write is passed over, and comes back once it answers a ping. A request goes to the next server only when nothing of it was sent;
/// whether to repeat one that broke off is for whoever asked. Each program begins at another server.
/// </remarks>
internal sealed class NodeHandler : DelegatingHandler
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingWithin = TimeSpan.FromSeconds(5);

    private readonly Node[] _nodes;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<Node, Task> _awaited = new();

    /// <param name="urls">The servers, at least one.</param>
    /// <param name="inner">What sends.</param>
    /// <param name="time">Clock of the pauses.</param>
    /// <param name="first">The server to begin with, by number.</param>
    public NodeHandler(IReadOnlyList<Uri> urls, HttpMessageHandler inner, TimeProvider time, int first) : base(inner)
    {
        _nodes = [.. urls.Select((_, i) => new Node(urls[(i + first) % urls.Count]))];
        _time = time;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string target = request.RequestUri!.PathAndQuery;
        Exception? last = null;
        // Those that are away are asked last: when all are, one of them may have come back this moment.
        foreach (var node in _nodes.OrderBy(n => n.IsAway))
        {
            request.RequestUri = node.UrlOf(target);
            try
            {
                var answer = await base.SendAsync(request, cancellationToken);
                if (SaysItCannot(answer))
                    PassOver(node);
                return answer;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException { InnerException: TimeoutException } && !cancellationToken.IsCancellationRequested)
            {
                PassOver(node);
                if (!IsUnsent(e))
                    throw;
                last = e;
            }
        }
        throw last!;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed.IsCancellationRequested)
        {
            _closed.Cancel();
            _closed.Dispose();
        }
        base.Dispose(disposing);
    }

    // A connection that could not be made carried nothing. The handler below says so by TimeoutException when it took too long.
    private static bool IsUnsent(Exception error) => error is OperationCanceledException
        || error is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    // TABLE_IS_READ_ONLY, NO_ZOOKEEPER and KEEPER_EXCEPTION: the server is up and cannot replicate.
    private static bool SaysItCannot(HttpResponseMessage answer) =>
        !answer.IsSuccessStatusCode && answer.Headers.TryGetValues("X-ClickHouse-Exception-Code", out var codes) && codes.Any(c => c is "242" or "225" or "999");

    private void PassOver(Node node)
    {
        if (_closed.IsCancellationRequested)
            return;
        node.IsAway = true;
        _ = _awaited.GetOrAdd(node, n => Task.Run(() => AwaitAsync(n), CancellationToken.None));
    }

    private async Task AwaitAsync(Node node)
    {
        var stop = _closed.Token;
        try
        {
            for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                await Task.Delay(pause, _time, stop);
                if (await AnswersAsync(node, stop))
                    break;
            }
            node.IsAway = false;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Closed meanwhile.
        }
        finally
        {
            _awaited.TryRemove(node, out _);
        }
    }

    private async Task<bool> AnswersAsync(Node node, CancellationToken stop)
    {
        using var within = CancellationTokenSource.CreateLinkedTokenSource(stop);
        within.CancelAfter(PingWithin);
        try
        {
            using var ping = new HttpRequestMessage(HttpMethod.Get, node.PingUrl);
            using var answer = await base.SendAsync(ping, within.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return false;
        }
    }

    private sealed class Node(Uri url)
    {
        private volatile bool _isAway;

        /// <summary>Read and written by many: a request that sees it late fails at most once more.</summary>
        public bool IsAway { get => _isAway; set => _isAway = value; }

        public Uri PingUrl { get; } = new(url, url.AbsolutePath.TrimEnd('/') + "/ping");

        // The client has put the first server's path before the target; servers of one endpoint have the same.
        public Uri UrlOf(string target) => new(url, target);
    }
}
