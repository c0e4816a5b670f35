using Microsoft.Extensions.Hosting;

namespace Weir.Proxy.Certificates;

/// <summary>Looks at the certificates' folder again and again while the edge runs.</summary>
internal sealed class CertificateWatcher(CertificateStore store, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two looks; a change is in force within twice this.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // A look at 10,000 certificates takes a while: the looks together take two hundredths of a processor at most.
    private const int RestFactor = 50;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rest = Interval;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(rest, time, stoppingToken);
            long began = time.GetTimestamp();
            store.Look();
            rest = TimeSpan.FromTicks(Math.Max(Interval.Ticks, time.GetElapsedTime(began).Ticks * RestFactor));
        }
    }
}
