using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Ingest.Buffering;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Tests;

/// <summary>A running writer, registered as the programs do it.</summary>
internal sealed class Writer : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IHostedService _writer;
    private readonly IHostedService _sightings;
    private readonly IHostedService _robots;

    private Writer(ClickHouseEndpoint endpoint, IngestOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging(l => l.AddProvider(new TestLog(TestContext.Current.TestOutputHelper)));
        services.AddIngest(endpoint, options);
        _services = services.BuildServiceProvider();
        _writer = _services.GetServices<IHostedService>().OfType<HitWriter>().Single();
        _sightings = _services.GetServices<IHostedService>().OfType<SightingWriter>().Single();
        _robots = _services.GetServices<IHostedService>().OfType<RobotsVersionWriter>().Single();
    }

    public static async Task<Writer> StartAsync(ClickHouseEndpoint endpoint, IngestOptions? options = null)
    {
        var writer = new Writer(endpoint, options ?? new IngestOptions { Edge = "edge-1", FlushInterval = TimeSpan.FromMilliseconds(50) });
        await writer._writer.StartAsync(default);
        await writer._sightings.StartAsync(default);
        await writer._robots.StartAsync(default);
        return writer;
    }

    public IHitSink Sink => _services.GetRequiredService<IHitSink>();

    public IRobotsSink Robots => _services.GetRequiredService<IRobotsSink>();

    public IContentSink Sightings => _services.GetRequiredService<IContentSink>();

    public LossCounters Losses => _services.GetRequiredService<LossCounters>();

    public IngestMetrics Metrics => _services.GetRequiredService<IngestMetrics>();

    public async Task StopAsync()
    {
        await _robots.StopAsync(default);
        await _sightings.StopAsync(default);
        await _writer.StopAsync(default);
    }

    /// <summary>Hits in the channel.</summary>
    public int Waiting => _services.GetRequiredService<HitChannel>().Waiting;

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();
}

/// <summary>Shows the log with a failed test.</summary>
internal sealed class TestLog(ITestOutputHelper? output) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            output?.WriteLine($"{logLevel} {eventId.Id}: {formatter(state, exception)}");
        }
        catch (InvalidOperationException)
        {
            // The test has ended before its writer.
        }
    }

    public void Dispose()
    {
    }
}
