using Microsoft.Extensions.Hosting;

namespace Weir.Proxy.Certificates;

/// <summary>Looks at the certificates' folder again and again while the edge runs.</summary>
internal sealed class CertificateWatcher(CertificateStore store, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two looks; a change is in force within twice this.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // A look at many certificates takes a while: the looks together take a twentieth of a processor, or come every ten seconds.
    private const int RestFactor = 20;
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rest = Interval;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(rest, time, stoppingToken);
            long began = time.GetTimestamp();
            store.Look();
            rest = TimeSpan.FromTicks(Math.Clamp(time.GetElapsedTime(began).Ticks * RestFactor, Interval.Ticks, RestMax.Ticks));
        }
    }
}
