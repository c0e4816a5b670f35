using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Privacy;

/// <summary>What was found and deleted in one table.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Before">Rows of the subject before.</param>
/// <param name="Deleted">Rows deleted.</param>
/// <param name="After">Rows of the subject from before the deletion that are still there; 0 when it went well.</param>
public sealed record DeletedRows(string Table, long Before, long Deleted, long After);

/// <summary>What a deletion came to.</summary>
/// <param name="Id">Its id in table <c>deletions</c>; empty when nothing was deleted because it was only asked.</param>
/// <param name="At">When it began: what came before is meant.</param>
/// <param name="Tables">Table by table.</param>
/// <param name="HoursMended">Hours of sites whose counts were made anew.</param>
/// <param name="CountsAgree">Whether those agree with the hits that are left; false while hits of the very hour keep coming.</param>
/// <param name="Since">Rows of the subject that came after it began, which it is not about.</param>
/// <param name="OpenWriters">Edges that may still hold rows from before.</param>
/// <param name="Networks">Truncated hits of networks that hold the address: nobody can tell whose they are.</param>
public sealed record DeletionReport(
    string Id, DateTimeOffset At, IReadOnlyList<DeletedRows> Tables, long HoursMended, bool CountsAgree, long Since, IReadOnlyList<OpenWriter> OpenWriters, long Networks)
{
    /// <summary>Whether nothing from before is left, nor held back anywhere that is known.</summary>
    public bool IsComplete => CountsAgree && OpenWriters.Count == 0 && Tables.All(t => t.After == 0);
}

/// <summary>Deletes what the store holds of a site or of an address, and proves it by counts.</summary>
/// <remarks>
/// The edges are waited for first, so that what they hold in memory or on disk is in the tables and goes with the rest. Rows are deleted by
/// mutations, which are waited for. Every step can be done again: a deletion that was killed is finished by the next one. A log that is
/// imported again brings its lines back.
/// </remarks>
/// <param name="endpoint">The store.</param>
/// <param name="time">Clock.</param>
public sealed class StoreDeletion(ClickHouseEndpoint endpoint, TimeProvider time) : IDisposable
{
    private const int Passes = 3;

    private readonly ClickHouseConnections _connections = new(endpoint);

    /// <summary>Counts what a deletion would delete; changes nothing.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task<DeletionReport> CountAsync(DataSubject subject, CancellationToken stop = default) => GuardAsync(async () =>
    {
        var rows = new SubjectRows(_connections, new Mutations(_connections, time), subject);
        string id = SubjectRows.CountingPrefix + NewId();
        try
        {
            var tables = await rows.CollectAsync(id, stop);
            return new DeletionReport("", time.GetUtcNow(), [.. tables.Select(t => new DeletedRows(t.Table.Name, t.Rows, 0, t.Rows))], 0, true, 0, [], await rows.NetworksAsync(stop));
        }
        finally
        {
            await rows.DropKeysAsync(id);
        }
    });

    /// <summary>Deletes.</summary>
    /// <param name="subject">Whose data.</param>
    /// <param name="madeBy">Who wanted it, for the record.</param>
    /// <param name="patience">How long the edges are waited for.</param>
    /// <param name="gone">Names of edges that are gone for good, with their disks.</param>
    /// <param name="stop">Ends it; the same again finishes it.</param>
    /// <exception cref="StoreException">The store cannot do it, and says why.</exception>
    public Task<DeletionReport> RunAsync(
        DataSubject subject, string madeBy, TimeSpan patience, IReadOnlyList<string>? gone = null, CancellationToken stop = default) => GuardAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(subject);
        var at = time.GetUtcNow();
        string id = NewId();
        var mutations = new Mutations(_connections, time);
        var mend = new HourlyMend(_connections, mutations, time);
        var rows = new SubjectRows(_connections, mutations, subject);
        var open = await new WritersWait(_connections, time).RunAsync(at, patience, gone ?? [], stop);
        await FinishKilledAsync(rows, mend, stop);
        Dictionary<string, DeletedRows> sums = [];
        long hours = 0;
        bool doAgree = true;
        for (int pass = 1; pass <= Passes; pass++)
        {
            var found = await rows.CollectAsync(id, stop);
            foreach (var (table, count) in found)
            {
                long deleted = count == 0 ? 0 : count - await rows.DeleteAsync(table, id, stop);
                sums[table.Name] = sums.TryGetValue(table.Name, out var before) ? before with { Deleted = before.Deleted + deleted } : new DeletedRows(table.Name, count, deleted, 0);
            }
            await rows.KeepRestAsync(id, stop);
            (long mended, doAgree) = await mend.RunAsync(id, stop);
            hours = Math.Max(hours, mended);
            await rows.DropKeysAsync(id);
            if (await CountRestAsync(rows, sums, at, stop))
                break;
        }
        var report = new DeletionReport(id, at, [.. sums.Values], hours, doAgree, await rows.SinceAsync(at, stop), open, await rows.NetworksAsync(stop));
        await new DeletionRecords(_connections).WriteAsync(report, subject.Kind, subject.Site, madeBy, stop);
        return report;
    });

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connections.Dispose();

    private static async Task<bool> CountRestAsync(SubjectRows rows, Dictionary<string, DeletedRows> sums, DateTimeOffset at, CancellationToken stop)
    {
        foreach (var (table, rest) in await rows.RestAsync(at, stop))
        {
            if (sums.TryGetValue(table, out var sum))
                sums[table] = sum with { After = rest };
        }
        return sums.Values.All(s => s.After == 0);
    }

    // Whose rows they were is not known any more and need not be: the keys say which.
    private static async Task FinishKilledAsync(SubjectRows rows, HourlyMend mend, CancellationToken stop)
    {
        foreach (string killed in await rows.KilledAsync(stop))
        {
            await rows.DeleteByKeysAsync(killed, stop);
            await mend.RunAsync(killed, stop);
            await rows.DropKeysAsync(killed);
        }
    }

    private static string NewId() => $"{Guid.NewGuid():n}"[..16];

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (InsertFailure.IsOfStore(e))
        {
            throw new StoreException(InsertFailure.Sentence(e), e);
        }
    }
}
