using System.Net;
using System.Net.Http.Headers;

namespace Weir.Detection.Identification;

/// <summary>What a fetch of a list gave.</summary>
/// <param name="Content">The bytes; null when nothing new came.</param>
/// <param name="IsUnchanged">Whether the publisher says that our copy is still its list.</param>
/// <param name="Why">Why nothing came; null when it did.</param>
/// <param name="ETag">The publisher's name of this version; null when it gives none.</param>
/// <param name="LastModified">When the publisher says it was changed.</param>
internal sealed record FetchedList(byte[]? Content, bool IsUnchanged, string? Why, string? ETag = null, DateTimeOffset? LastModified = null);

/// <summary>Fetches lists over https, bounded in size and time, from their publishers and nobody else.</summary>
internal sealed class RangeListFetch : IDisposable
{
    private readonly RangeRefreshOptions _options;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _hosts;
    private readonly HttpClient _client;

    /// <param name="options">Bounds.</param>
    /// <param name="hosts">The hosts of all lists: a redirect may lead to any of them.</param>
    /// <param name="time">Clock of the time bound.</param>
    public RangeListFetch(RangeRefreshOptions options, IEnumerable<string> hosts, TimeProvider time)
    {
        _options = options;
        _time = time;
        _hosts = hosts.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var toPublisher = new GuardedConnect(Dns.GetHostAddressesAsync) { Allows = a => PublicAddress.IsPublic(a) || (options.AllowsLoopback && IPAddress.IsLoopback(a)) };
        var toProxy = new GuardedConnect(Dns.GetHostAddressesAsync) { Allows = _ => true };
        // Proxies of the environment are used, as by every HttpClient.
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // each step is judged here
            AutomaticDecompression = DecompressionMethods.All,
            UseCookies = false,
            MaxResponseHeadersLength = 32,
            ConnectCallback = (context, stop) => ConnectAsync(toPublisher, toProxy, context, stop),
        })
        { Timeout = System.Threading.Timeout.InfiniteTimeSpan }; // bounded by our own clock
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("Weir/0.1 (range-list-refresh)");
    }

    /// <summary>Fetches one list, unless it is the version that is held already. Throws only when stopped.</summary>
    public async Task<FetchedList> GetAsync(Uri url, string? etag, DateTimeOffset? lastModified, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            return await FollowAsync(url, etag, lastModified, both.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Failed($"it took over {_options.Timeout.TotalSeconds:0} seconds");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or InvalidOperationException or FormatException)
        {
            return Failed(e.Message.TrimEnd('.'));
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<FetchedList> FollowAsync(Uri url, string? etag, DateTimeOffset? lastModified, CancellationToken stop)
    {
        var at = url;
        for (int redirects = 0; redirects <= _options.RedirectsMax; redirects++)
        {
            if (Refusal(url, at) is { } why)
                return Failed(why);
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            if (etag is not null && EntityTagHeaderValue.TryParse(etag, out var tag))
                request.Headers.IfNoneMatch.Add(tag);
            request.Headers.IfModifiedSince = lastModified;
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (response.StatusCode == HttpStatusCode.NotModified)
                return new FetchedList(null, etag is not null || lastModified is not null, null, etag, lastModified);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return await ReadAsync(response.Content, stop) is { } content
                    ? new FetchedList(content, false, null, response.Headers.ETag?.ToString(), response.Content.Headers.LastModified)
                    : Failed($"it is larger than {_options.BytesMax >> 20} MiB");
            }
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                return Failed($"the server answered {(int)response.StatusCode}");
            at = new Uri(at, location);
        }
        return Failed("it redirects without end");
    }

    // Null when it is too large; what is packed tightly counts as unpacked.
    private async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken stop)
    {
        await using var stream = await content.ReadAsStreamAsync(stop);
        using var all = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        for (int read; (read = await stream.ReadAsync(buffer, stop)) > 0;)
        {
            if (all.Length + read > _options.BytesMax)
                return null;
            all.Write(buffer, 0, read);
        }
        return all.ToArray();
    }

    private string? Refusal(Uri from, Uri to)
    {
        bool isLoopback = _options.AllowsLoopback && to.IsLoopback;
        if (to.Scheme != Uri.UriSchemeHttps && !(isLoopback && to.Scheme == Uri.UriSchemeHttp))
            return $"{to.Scheme} is not fetched, https alone";
        if (isLoopback && from.Host == to.Host)
            return null;
        return to.HostNameType == UriHostNameType.Dns && (_hosts.Contains(to.Host) || Domain(from.Host).Equals(Domain(to.Host), StringComparison.OrdinalIgnoreCase))
            ? null : $"it redirects to another host, {to.Host}";
    }

    // The registrable domain, near enough: where suffixes of two labels are sold (co.uk), the three last labels.
    private static string Domain(string host)
    {
        string[] labels = host.Split('.');
        bool isLongSuffix = labels.Length > 2 && labels[^1].Length == 2 && labels[^2].Length <= 3;
        return string.Join('.', labels.TakeLast(isLongSuffix ? 3 : 2));
    }

    // A name of the publisher's that leads into our own network would make this machine ask its neighbours. What a proxy connects to is its own
    // business, and its address is the operator's choice.
    private static ValueTask<Stream> ConnectAsync(GuardedConnect toPublisher, GuardedConnect toProxy, SocketsHttpConnectionContext context, CancellationToken stop)
    {
        bool isDirect = string.Equals(context.InitialRequestMessage.RequestUri?.IdnHost, context.DnsEndPoint.Host, StringComparison.OrdinalIgnoreCase);
        return (isDirect ? toPublisher : toProxy).ConnectAsync(context, stop);
    }

    private static FetchedList Failed(string why) => new(null, false, why);
}
