using ClickHouse.Driver;
using Weir.Ingest.ClickHouse;

namespace Weir.Faults;

/// <summary>Reads, as any outside reader could, until when the writer says that every hit is stored or counted as lost.</summary>
internal sealed class PromiseWatch : IAsyncDisposable
{
    private readonly WeirProcess _weir;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private long _promisedMs;

    /// <summary>Begins.</summary>
    public PromiseWatch(WeirProcess weir)
    {
        _weir = weir;
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>The latest time that was promised, milliseconds since 1970; 0 before any.</summary>
    public long PromisedMs => Interlocked.Read(ref _promisedMs);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (_weir.Store is { } endpoint)
                {
                    using var store = new ClickHouseConnections(endpoint);
                    using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2), TimeProvider.System);
                    long promised = Convert.ToInt64(await store.Client.ExecuteScalarAsync(
                        "SELECT max(toUnixTimestamp64Milli(complete_until)) FROM writers", cancellationToken: soon.Token));
                    Interlocked.Exchange(ref _promisedMs, Math.Max(PromisedMs, promised));
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ClickHouseServerException or IOException)
            {
                // The store is away.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }
}
