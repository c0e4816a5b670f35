using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Proxy.Policies;
using Weir.Proxy.SharedLimits;

namespace Weir.Proxy.Tests.SharedLimits;

/// <summary>The limits of one edge, with their real reconciler.</summary>
internal sealed class SharedEdge : IAsyncDisposable, ILogger<LimitReconciler>
{
    // A day's window, so that none ends while a test runs.
    public const int Seconds = 86_400;

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConcurrentDictionary<string, long> _results = new();
    private readonly MeterListener _listener = new();
    private readonly SharedLimitMetrics _metrics;
    private readonly LimitStore _store;
    private readonly LimitReconciler _reconciler;

    private SharedEdge(SharedLimitOptions options)
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (i, l) =>
        {
            if (i.Name.StartsWith("weir.edge.limits.", StringComparison.Ordinal) && ReferenceEquals(i.Meter.Scope, meters))
                l.EnableMeasurementEvents(i);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => _results.AddOrUpdate((string)tags[0].Value!, value, (_, sum) => sum + value));
        _listener.Start();
        _metrics = new SharedLimitMetrics(meters);
        var local = new LocalRequestLimits(1024);
        Limits = new SharedRequestLimits(local, options, _metrics);
        _store = new LimitStore(options, TimeProvider.System);
        _reconciler = new LimitReconciler(Limits, local, _store, options, _metrics, TimeProvider.System, this);
    }

    public SharedRequestLimits Limits { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    public static async Task<SharedEdge> StartAsync(EndPoint redis, string password = "", int countsMax = 1000, int queueMax = 65_536)
    {
        var edge = new SharedEdge(new SharedLimitOptions
        {
            Servers = [redis],
            Password = password,
            CountsMax = countsMax,
            QueueMax = queueMax,
            Interval = TimeSpan.FromMilliseconds(20),
        });
        await edge._reconciler.StartAsync(TestContext.Current.CancellationToken);
        return edge;
    }

    /// <summary>Requests that pass of so many.</summary>
    public int Take(int times, int limit = 100, int client = 1, int seconds = Seconds) =>
        Enumerable.Range(0, times).Count(_ => Limits.TryTake(
            new LimitKey(7, (UInt128)client), limit, seconds, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), out int _));

    /// <summary>How often something was counted.</summary>
    public long Count(string result) => _results.GetValueOrDefault(result);

    /// <summary>Waits until a batch that began after now had this result.</summary>
    public async Task NextAsync(string result)
    {
        long before = Count(result);
        await Facts.UntilAsync(() => Count(result) >= before + 2);
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue($"{eventId.Id} {formatter(state, exception)}");

    public async ValueTask DisposeAsync()
    {
        await _reconciler.StopAsync(CancellationToken.None);
        _reconciler.Dispose();
        await _store.DisposeAsync();
        _listener.Dispose();
        _metrics.Dispose();
        await _services.DisposeAsync();
    }
}

/// <summary>Waits for what becomes true.</summary>
internal static class Facts
{
    public static async Task UntilAsync(Func<bool> isTrue)
    {
        while (!isTrue())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
