using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Origins;

/// <summary>Asks origins whether they are well, beside the requests: each origin once for each different check, whichever sites want it.</summary>
internal sealed class OriginHealthService(
    SiteTable sites, OriginBook book, OriginClients clients, LoopMark loop, TimeProvider time, ILogger<OriginHealthService> log) : BackgroundService
{
    /// <summary>Checks under way at once. Ten thousand origins asked every ten seconds need about a thousand a second, of milliseconds each.</summary>
    public const int UnderWayMax = 256;

    // How late a check may be, and a changed site seen.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new();
    private IReadOnlyCollection<EdgeSite>? _served;
    private OriginProbe[] _probes = [];
    private int _underWay;
    private int _from;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        do
        {
            if (sites.Served is var served && !ReferenceEquals(served, _served))
                Follow(served);
            AskAllDue(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Follow(IReadOnlyCollection<EdgeSite> served)
    {
        _served = served;
        book.Keep(served.Select(s => s.Origins));
        var known = _probes.ToHashSet();
        _probes = [.. book.Probes];
        long now = time.GetTimestamp();
        foreach (var probe in _probes.Where(p => !known.Contains(p)))
        {
            // Few are asked at once; thousands, as after a start, over one interval.
            double spread = Math.Min(1, _probes.Length / 1000.0) * _random.NextDouble();
            probe.DueAt = now + (long)(spread * probe.Check.Interval.TotalSeconds * time.TimestampFrequency);
        }
    }

    private void AskAllDue(CancellationToken stop)
    {
        long now = time.GetTimestamp();
        int count = _probes.Length;
        for (int i = 0; i < count; i++)
        {
            // Where room ended the last time it begins the next, so that none is passed over again and again.
            var probe = _probes[(_from + i) % count];
            if (probe.IsUnderWay || probe.DueAt > now)
                continue;
            if (Volatile.Read(ref _underWay) >= UnderWayMax)
            {
                _from = (_from + i) % count;
                return;
            }
            probe.IsUnderWay = true;
            Interlocked.Increment(ref _underWay);
            _ = AskAsync(probe, stop);
        }
    }

    private async Task AskAsync(OriginProbe probe, CancellationToken stop)
    {
        string? fault = await FaultOfAsync(probe, stop);
        if (!stop.IsCancellationRequested && probe.Note(fault is null))
        {
            if (fault is null)
                log.OriginHealthy(probe.Origin.Url, probe.Check.Path);
            else
                log.OriginUnhealthy(probe.Origin.Url, probe.Check.Path, fault, probe.Check.UnhealthyAfter);
        }
        double seconds = probe.Check.Interval.TotalSeconds * (0.9 + 0.2 * Random.Shared.NextDouble());
        probe.DueAt = time.GetTimestamp() + (long)(seconds * time.TimestampFrequency);
        // Read by the next look, which may be a moment late to see it.
        probe.IsUnderWay = false;
        Interlocked.Decrement(ref _underWay);
    }

    // What is wrong with the answer, in a few words; null for a good one.
    private async Task<string?> FaultOfAsync(OriginProbe probe, CancellationToken stop)
    {
        using var clock = new CancellationTokenSource(probe.Check.Timeout, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(stop, clock.Token);
        try
        {
            using var request = RequestOf(probe);
            using var response = await clients.For(probe.Origin).SendAsync(request, bound.Token);
            int status = (int)response.StatusCode;
            return status >= probe.Check.StatusMin && status <= probe.Check.StatusMax ? null : $"status {status}";
        }
        catch (OperationCanceledException)
        {
            return "no answer in time";
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError.ToString();
        }
    }

    private HttpRequestMessage RequestOf(OriginProbe probe)
    {
        var origin = probe.Origin;
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(origin.Prefix + probe.Check.Path, in OriginRequest.AsSent))
        {
            Version = origin.Url.Scheme == Uri.UriSchemeHttp ? HttpVersion.Version11 : HttpVersion.Version20,
            VersionPolicy = origin.IsHttp2Only ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Host = probe.Check.Host ?? origin.Authority;
        request.Headers.TryAddWithoutValidation("User-Agent", "Weir-Health-Check");
        request.Headers.TryAddWithoutValidation(LoopMark.Header, loop.Value);
        return request;
    }
}
