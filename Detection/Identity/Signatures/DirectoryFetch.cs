using System.Net;
using System.Net.Sockets;

namespace Weir.Detection.Identification.Signatures;

/// <summary>A directory as it came.</summary>
/// <param name="Result">What became of the attempt.</param>
/// <param name="Keys">Its keys; null when it did not come.</param>
/// <param name="MaxAge">How long it says it stays good; null when it does not say.</param>
/// <param name="FalseProofs">Keys left out of <paramref name="Keys"/>, because the directory's own signature by them is false.</param>
internal sealed record FetchedDirectory(DirectoryResult Result, KeySet? Keys = null, TimeSpan? MaxAge = null, int FalseProofs = 0);

/// <summary>Fetches one key directory from a host that a request named. The request may be anybody's, so every step is guarded.</summary>
/// <remarks>https alone and its own port; the name must lead to public addresses only, and the connection goes to the addresses that were
/// looked at, so that a name cannot change its mind in between; no proxy, no cookies, no redirects, no compressed bodies; bounds of time,
/// headers and body. Names inside networks and addresses never come here: <see cref="AgentName"/>.</remarks>
internal sealed class DirectoryFetch : IDisposable
{
    public const string WellKnownPath = "/.well-known/http-message-signatures-directory";

    /// <summary>From the look-up of the name to the last byte.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // RFC 9421 appendix B.1.4: everybody has its private half. Published by demonstrations, and never anybody's proof.
    private const string KnownTestKey = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";

    private const string MediaType = "application/http-message-signatures-directory+json";
    private const int HeaderKilobytes = 16;
    private const int HttpsPort = 443;

    // Enough for every anycast name; a name with thousands of addresses is no directory's.
    private const int MaxAddresses = 32;

    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public DirectoryFetch(DirectoryNetwork network, TimeProvider time)
    {
        _time = time;
        var guard = new GuardedConnect((host, stop) => ResolveAsync(network, host, stop)) { AddressesMax = MaxAddresses, Connect = network.Connect };
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            // A proxy would look the name up itself, past the guard.
            UseProxy = false,
            MaxResponseHeadersLength = HeaderKilobytes,
            // One fetch an hour needs no open connection.
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = (context, stop) => ConnectAsync(guard, context, stop),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = network.IsCertificateTrusted;
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Fetches an agent's directory. Throws nothing but for <paramref name="stop"/>.</summary>
    public async Task<FetchedDirectory> FetchAsync(string agent, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, agent + WellKnownPath);
            request.Headers.TryAddWithoutValidation("Accept", MediaType);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
            request.Headers.TryAddWithoutValidation("User-Agent", "Weir/0.1 (key directory)");
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(response) is { } refused ? new FetchedDirectory(refused) : await ReadAsync(agent, response, either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new FetchedDirectory(DirectoryResult.TooSlow);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever a stranger's server does to the client: the answer is that there is no directory.
            return new FetchedDirectory((error as ForbiddenAddressException ?? error.InnerException as ForbiddenAddressException) switch
            {
                { HasAddresses: true } => DirectoryResult.PrivateAddress,
                { } => DirectoryResult.NoAddress,
                null => DirectoryResult.Unreachable,
            });
        }
    }

    public void Dispose() => _client.Dispose();

    private static DirectoryResult? Judge(HttpResponseMessage response)
    {
        if ((int)response.StatusCode is >= 300 and < 400)
            return DirectoryResult.Redirect;
        if (response.StatusCode != HttpStatusCode.OK)
            return DirectoryResult.Status;
        bool isDirectory = response.Content.Headers.ContentType?.MediaType is { } type && (Is(type, MediaType) || Is(type, "application/json"));
        bool isEncoded = response.Content.Headers.ContentEncoding.Any(e => !Is(e, "identity"));
        return !isDirectory || isEncoded ? DirectoryResult.MediaType
            : response.Content.Headers.ContentLength > KeySet.MaxBytes ? DirectoryResult.TooLarge : null;
    }

    private async Task<FetchedDirectory> ReadAsync(string agent, HttpResponseMessage response, CancellationToken stop)
    {
        byte[] body = new byte[KeySet.MaxBytes + 1];
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, stop);
        if (length > KeySet.MaxBytes)
            return new FetchedDirectory(DirectoryResult.TooLarge);
        var json = body.AsMemory(0, length);
        if (!KeySet.TryRead(json, out var keys))
            return new FetchedDirectory(DirectoryResult.Unreadable);
        var falseProofs = DirectoryProof.FindFalse(AgentName.HostOf(agent), response, json.Span, keys, _time.GetUtcNow());
        return new FetchedDirectory(DirectoryResult.Fetched, keys.Without(falseProofs, KnownTestKey), MaxAgeOf(response), falseProofs.Count);
    }

    private static TimeSpan? MaxAgeOf(HttpResponseMessage response) =>
        response.Headers.CacheControl is { } cache ? cache.NoStore || cache.NoCache ? TimeSpan.Zero : cache.MaxAge : null;

    // A host that names another port is no agent's: what is there would be somebody else's.
    private static ValueTask<Stream> ConnectAsync(GuardedConnect guard, SocketsHttpConnectionContext context, CancellationToken stop) =>
        context.DnsEndPoint.Port == HttpsPort ? guard.ConnectAsync(context, stop) : throw new ForbiddenAddressException(context.DnsEndPoint.Host, hasAddresses: true);

    private static async Task<IPAddress[]> ResolveAsync(DirectoryNetwork network, string host, CancellationToken stop)
    {
        try
        {
            return await network.Resolve(host, stop);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    private static bool Is(string text, string name) => text.Equals(name, StringComparison.OrdinalIgnoreCase);
}
