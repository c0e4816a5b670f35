using Weir.Control;
namespace Weir.Proxy.Origins;

/// <summary>One origin server and how it has fared. Shared by every site that names it; safe from any thread.</summary>
internal sealed class Origin
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);

    // An origin that comes back is seen within this time, and a dead one costs one failed connection in as long.
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private int _failures;
    private int _stumbles;
    private long _pausedUntil;
    private HttpMessageInvoker? _client;

    /// <param name="url">Absolute http, https or h2c URL without path.</param>
    /// <param name="trust">What a connection to it may be.</param>
    /// <param name="time">Clock for pauses.</param>
    public Origin(Uri url, OriginTrust trust, TimeProvider time)
    {
        Url = url;
        Trust = trust;
        Load = new OriginLoad(time);
        _time = time;
        IsHttp2Only = url.Scheme == "h2c";
        int port = url.Port > 0 ? url.Port : 80;
        Prefix = IsHttp2Only ? $"http://{url.Host}:{port}" : url.GetLeftPart(UriPartial.Authority);
        Authority = IsHttp2Only ? $"{url.Host}:{port}" : url.Authority;
    }

    /// <summary>The origin as configured.</summary>
    public Uri Url { get; }

    /// <summary>What a connection to it may be.</summary>
    public OriginTrust Trust { get; }

    /// <summary>What it has to do, and how fast it answers.</summary>
    public OriginLoad Load { get; }

    /// <summary>Scheme and authority, as a target is appended to it.</summary>
    public string Prefix { get; }

    /// <summary>The origin's own name, for a Host header when the client's is not passed on.</summary>
    public string Authority { get; }

    /// <summary>Whether it is spoken to in HTTP/2 without TLS.</summary>
    public bool IsHttp2Only { get; }

    /// <summary>The client that speaks to it; kept here, so that no request looks it up.</summary>
    /// <param name="make">Makes it, once or, in a race, once more for nothing.</param>
    public HttpMessageInvoker ClientOr(Func<Origin, HttpMessageInvoker> make) =>
        // Publishes a finished client; whoever loses the race takes the winner's.
        Volatile.Read(ref _client) ?? Interlocked.CompareExchange(ref _client, make(this), null) ?? _client;

    /// <summary>Whether a request to it is worth a try; false for a while after connections failed.</summary>
    public bool IsHealthy => Volatile.Read(ref _pausedUntil) is var until && (until == 0 || until <= _time.GetTimestamp());

    /// <summary>Notes that it answered.</summary>
    /// <returns>Whether it had been failing.</returns>
    public bool Succeeded()
    {
        // Read first: every request passes here, and a write would make all cores fight for the line.
        if (Volatile.Read(ref _stumbles) != 0)
            Volatile.Write(ref _stumbles, 0);
        if (Volatile.Read(ref _failures) == 0)
            return false;
        Volatile.Write(ref _pausedUntil, 0);
        return Interlocked.Exchange(ref _failures, 0) > 0;
    }

    /// <summary>Notes an answer that says it is not well, or none in time. Some in a row count as a failure.</summary>
    /// <param name="max">How many.</param>
    /// <returns>Whether this made the first failure in a row.</returns>
    public bool Stumbled(int max) => Interlocked.Increment(ref _stumbles) >= max && Failed();

    /// <summary>Notes that no connection could be made. Each failure in a row doubles the pause.</summary>
    /// <returns>Whether this is the first failure in a row.</returns>
    public bool Failed()
    {
        int failures = Interlocked.Increment(ref _failures);
        double seconds = Math.Min(PauseMax.TotalSeconds, PauseMin.TotalSeconds * Math.Pow(2, Math.Min(failures, 10) - 1));
        // The two fields need no common lock: a lost race makes one pause longer or shorter, nothing else.
        Volatile.Write(ref _pausedUntil, _time.GetTimestamp() + (long)(seconds * _time.TimestampFrequency));
        return failures == 1;
    }
}
