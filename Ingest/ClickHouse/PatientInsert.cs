using ClickHouse.Driver;

namespace Weir.Ingest.ClickHouse;

/// <summary>Tries to store something until the store takes or refuses it: while it is away, again after pauses that double.</summary>
/// <param name="time">Clock of the pauses.</param>
internal sealed class PatientInsert(TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>Tries until it is decided.</summary>
    /// <param name="store">One try; throws what the driver throws.</param>
    /// <param name="refused">Told why, when the store will never take it.</param>
    /// <param name="notStored">Told after each try that the store did not answer: its number, why, and the pause before the next.</param>
    /// <param name="stop">Gives up.</param>
    public async Task RunAsync(Func<Task> store, Action<string> refused, Action<int, string, TimeSpan> notStored, CancellationToken stop)
    {
        var wait = FirstWait;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await store();
                return;
            }
            catch (Exception e) when (InsertFailure.IsOfStore(e) && !stop.IsCancellationRequested)
            {
                if (InsertFailure.KindOf(e) == InsertFailureKind.ContentRefused)
                {
                    refused(InsertFailure.Sentence(e));
                    return;
                }
                notStored(attempt, InsertFailure.Sentence(e), wait);
                await Task.Delay(wait, time, stop);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    /// <summary>Options of an insert that may be sent again: the store takes rows of one token once.</summary>
    public static QueryOptions OptionsOf(string token) => new()
    {
        CustomSettings = new Dictionary<string, object> { ["insert_deduplicate"] = 1, ["insert_deduplication_token"] = token, ["async_insert"] = 0 },
    };
}
