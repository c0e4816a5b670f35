using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;

namespace Weir.Ingest.AccessLogs;

/// <summary>A store that may go away and come back elsewhere, as the embedded one does when <c>weir up</c> is started again. For one task at a time.</summary>
internal sealed class PatientStore(ClickHouseEndpoint endpoint, FollowOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private ClickHouseConnections _connections = new(endpoint);
    private bool _isAway;

    /// <summary>Tries until it is done, whatever the store does meanwhile.</summary>
    /// <param name="work">What to do; may be called again after it failed.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<T> UntilDoneAsync<T>(Func<ClickHouseConnections, Task<T>> work, CancellationToken stop)
    {
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                var done = await work(_connections);
                if (_isAway)
                    options.Note("The store is back.");
                _isAway = false;
                return done;
            }
            catch (Exception e) when ((e is StoreException or SchemaException || InsertFailure.IsOfStore(e)) && !stop.IsCancellationRequested)
            {
                if (!_isAway)
                    options.Note($"{InsertFailure.Sentence(e)} Reading goes on when the store is back.");
                _isAway = true;
                await Task.Delay(wait, time, stop);
                await FindAsync(stop);
            }
        }
    }

    /// <summary>Tries until it is done.</summary>
    /// <param name="work">What to do; may be called again after it failed.</param>
    /// <param name="failed">Told before each further try.</param>
    /// <param name="stop">Gives up.</param>
    public Task UntilDoneAsync(Func<ClickHouseConnections, Task> work, Action failed, CancellationToken stop)
    {
        bool isRepeat = false;
        return UntilDoneAsync(async connections =>
        {
            if (isRepeat)
                failed();
            isRepeat = true;
            await work(connections);
            return true;
        }, stop);
    }

    public void Dispose() => _connections.Dispose();

    private async Task FindAsync(CancellationToken stop)
    {
        if (options.FindStore is not { } find || await find(stop) is not { } found || found == _connections.Endpoint)
            return;
        _connections.Dispose();
        _connections = new ClickHouseConnections(found);
    }
}
