using System.Net;
using System.Net.Sockets;
using Weir.Detection.Identification;

namespace Weir.Delivery;

/// <summary>What an attempt came to.</summary>
/// <param name="Status">The answer's HTTP status, or an SMTP reply's code; 0 without an answer.</param>
/// <param name="Error">Why it failed, for people; empty when it succeeded. Never a secret, nor what the receiver wrote.</param>
/// <param name="IsFinal">Whether no further attempt can help.</param>
/// <param name="IsGone">Whether the receiver wants nothing more (410).</param>
/// <param name="RetryAfter">How long the receiver asked to wait; null when it did not.</param>
public readonly record struct AttemptResult(int Status, string Error, bool IsFinal = false, bool IsGone = false, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether the receiver took the message.</summary>
    public bool IsDelivered => Error.Length == 0;
}

/// <summary>POSTs to addresses that strangers wrote. Safe from any thread.</summary>
/// <remarks>
/// The connection goes to the addresses that were looked at, so that a name cannot change its mind in between (DNS rebinding), and one private
/// address among public ones refuses all: the next attempt may get that one alone. No proxy, no cookies, no redirects; headers are bounded, and
/// no byte of the answer's body is read, so that nothing of what is reached comes back to who wrote the address.
/// </remarks>
public sealed class GuardedHttp : IDisposable
{
    private const int HeaderKilobytes = 16, AddressesMax = 32;

    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    /// <summary>Makes one; it opens no connection yet.</summary>
    /// <param name="options">What is allowed.</param>
    /// <param name="time">Clock for the timeout.</param>
    /// <param name="resolve">Looks names up; the system's resolver when null.</param>
    public GuardedHttp(DeliveryOptions options, TimeProvider time, HostResolver? resolve = null)
    {
        _options = options;
        _time = time;
        var guard = new GuardedConnect(resolve ?? Dns.GetHostAddressesAsync)
        {
            AddressesMax = AddressesMax,
            Allows = options.AllowsPrivateTargets ? _ => true : PublicAddress.IsPublic,
        };
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            // A proxy would look the name up itself, past the guard.
            UseProxy = false,
            MaxResponseHeadersLength = HeaderKilobytes,
            MaxResponseDrainSize = 0,
            // A name may move, and its new addresses must be looked at.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = guard.ConnectAsync,
        })
        { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends one body. Throws nothing but for <paramref name="stop"/>.</summary>
    /// <param name="url">A URL that <see cref="TargetUrl"/> took, now or under other settings: its scheme is judged again.</param>
    /// <param name="body">JSON in UTF-8.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="stop">Ends the attempt without a result.</param>
    public async Task<AttemptResult> PostAsync(string url, byte[] body, IEnumerable<(string Name, string Value)> headers, CancellationToken stop)
    {
        if (!TargetUrl.TryParse(url, _options, out var target, out string? why))
            return new AttemptResult(0, $"The URL {why}.");
        using var patience = new CancellationTokenSource(_options.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new("application/json");
            request.Headers.TryAddWithoutValidation("User-Agent", "Weir/0.1 (delivery)");
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(response);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new AttemptResult(0, $"No answer came within {_options.Timeout.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new AttemptResult(0, Sentence(e));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private AttemptResult Judge(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        return status switch
        {
            >= 200 and < 300 => new AttemptResult(status, ""),
            410 => new AttemptResult(status, "The receiver answered 410: it wants no more messages.", IsFinal: true, IsGone: true),
            >= 300 and < 400 => new AttemptResult(status, $"The receiver answered {status}; redirects are not followed."),
            _ => new AttemptResult(status, $"The receiver answered {status}.", RetryAfter: RetryAfterOf(response)),
        };
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    // Reasons of our own words: what a library says may name addresses behind the name.
    private static string Sentence(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case ForbiddenAddressException { HasAddresses: true } forbidden:
                    return $"{forbidden.Host} leads to a private address, and this installation sends to public ones alone (delivery.privateTargets).";
                case ForbiddenAddressException:
                    return cause.Message;
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return "The host's name was not found.";
                case SocketException socket:
                    return $"The receiver cannot be connected to ({socket.SocketErrorCode}).";
                case System.Security.Authentication.AuthenticationException:
                    return "The receiver's certificate is not trusted, or TLS failed.";
            }
        }
        return "The connection failed before an answer came.";
    }
}
