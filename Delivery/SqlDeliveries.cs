using System.Data.Common;
using Dapper;
using Weir.Control;

namespace Weir.Delivery;

/// <summary>The queue and log of deliveries in a control store. Safe from any thread, and for several programs on one store.</summary>
public sealed class SqlDeliveries(IControlStore store, TimeProvider time)
{
    /// <summary>How long a sender holds a delivery; one that died is followed by another then, with the same id.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private const string Columns =
        """
        d.id AS Id, d.destination AS Destination, t.kind AS Kind, d.type AS Type, d.title AS Title, d.state AS State, d.due_ms AS DueMs,
        d.created_ms AS CreatedMs, d.finished_ms AS FinishedMs
        """;

    // At most two of a destination at a time: a receiver that hangs must not hold every sender. The condition on the lease stands twice: of two
    // programs that chose the same rows, PostgreSQL lets the second look at it again.
    private const string LeaseSql =
        """
        UPDATE deliveries SET lease_ms = @leaseMs, attempts = attempts + 1
        WHERE state = 'waiting' AND due_ms <= @nowMs AND lease_ms <= @nowMs AND id IN
        (
            SELECT id FROM
            (
                SELECT d.id, d.due_ms, ROW_NUMBER() OVER (PARTITION BY d.destination ORDER BY d.due_ms, d.id) AS turn,
                       (SELECT COUNT(*) FROM deliveries AS h WHERE h.destination = d.destination AND h.state = 'waiting' AND h.lease_ms > @nowMs) AS held
                FROM deliveries AS d
                WHERE d.state = 'waiting' AND d.due_ms <= @nowMs AND d.lease_ms <= @nowMs
            ) AS due
            WHERE turn + held <= 2
            ORDER BY due_ms, id
            LIMIT @max
        )
        RETURNING id
        """;

    private const string LeasedSql =
        """
        SELECT d.id AS Id, d.type AS Type, d.title AS Title, d.body AS Body, d.json AS Json, d.attempts AS Attempts, d.lease_ms AS LeaseMs,
               t.id AS Destination, t.kind AS Kind, t.address AS Address, t.secret AS Secret,
               t.old_secret AS OldSecret, t.old_until_ms AS OldUntilMs, t.signing_key AS SigningKey
        FROM deliveries AS d INNER JOIN destinations AS t ON t.id = d.destination
        WHERE d.id = @id
        """;

    /// <summary>Puts a message in the queue, once for each destination of its owner that is not gone. Takes part in the owner's transaction.</summary>
    /// <param name="transaction">The owner's.</param>
    /// <param name="owner">Whose message.</param>
    /// <param name="message">What.</param>
    /// <param name="nowMs">When, milliseconds since 1970-01-01 UTC.</param>
    /// <param name="only">Only this destination; all when null.</param>
    /// <returns>The ids of the new deliveries.</returns>
    public static async Task<IReadOnlyList<string>> EnqueueAsync(DbTransaction transaction, string owner, Message message, long nowMs, string? only = null)
    {
        var connection = transaction.Connection!;
        var destinations = await connection.QueryAsync<string>(
            "SELECT id FROM destinations WHERE owner = @owner AND is_gone = 0 ORDER BY place", new { owner }, transaction);
        List<string> ids = [];
        foreach (string destination in destinations.Where(d => only is null || d == only))
        {
            ids.Add(SqlDestinations.NewId("msg"));
            await connection.ExecuteAsync(
                """
                INSERT INTO deliveries (id, destination, owner, type, title, body, json, state, due_ms, created_ms)
                VALUES (@id, @destination, @owner, @Type, @Title, @Text, @Json, 'waiting', @nowMs, @nowMs)
                """,
                new { id = ids[^1], destination, owner, message.Type, message.Title, message.Text, message.Json, nowMs }, transaction);
        }
        return ids;
    }

    /// <summary>Takes deliveries that are due, so that no other sender does, for as long as <see cref="Lease"/>.</summary>
    public Task<IReadOnlyList<LeasedDelivery>> LeaseAsync(int max, CancellationToken stop = default)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        long leaseMs = nowMs + (long)Lease.TotalMilliseconds;
        return store.WriteAsync<IReadOnlyList<LeasedDelivery>>(async transaction =>
        {
            var connection = transaction.Connection!;
            List<string> ids = [.. await connection.QueryAsync<string>(LeaseSql, new { nowMs, leaseMs, max }, transaction)];
            List<LeasedDelivery> leased = [];
            foreach (string id in ids)
                leased.Add((await connection.QuerySingleAsync<LeaseRow>(LeasedSql, new { id }, transaction)).ToLeased(store.Secrets));
            return leased;
        }, stop);
    }

    /// <summary>Notes what an attempt came to, and when the next one is; false when somebody else holds the delivery by now, and nothing was noted.</summary>
    /// <param name="held">As it was leased.</param>
    /// <param name="result">What the attempt came to.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="jitter">0 to 1; see <see cref="RetrySchedule.WaitAfter"/>.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    public Task<bool> FinishAsync(LeasedDelivery held, AttemptResult result, TimeSpan duration, double jitter, CancellationToken stop = default)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var wait = result.IsDelivered || result.IsFinal ? null : RetrySchedule.WaitAfter(held.Attempts, jitter, result.RetryAfter);
        string state = result.IsDelivered ? DeliveryStates.Delivered : wait is null ? DeliveryStates.Dead : DeliveryStates.Waiting;
        return store.WriteAsync(async transaction =>
        {
            var connection = transaction.Connection!;
            int changed = await connection.ExecuteAsync(
                """
                UPDATE deliveries SET state = @state, lease_ms = 0, due_ms = @dueMs, finished_ms = @finishedMs
                WHERE id = @Id AND state = 'waiting' AND lease_ms = @LeaseMs
                """,
                new
                {
                    held.Id,
                    held.LeaseMs,
                    state,
                    dueMs = nowMs + (long)(wait ?? TimeSpan.Zero).TotalMilliseconds,
                    finishedMs = wait is null ? nowMs : (long?)null,
                }, transaction);
            if (changed == 0)
                return false;
            await connection.ExecuteAsync(
                """
                INSERT INTO delivery_attempts (delivery, number, at_ms, status, duration_ms, error)
                SELECT @Id, COUNT(*) + 1, @nowMs, @Status, @durationMs, @Error FROM delivery_attempts WHERE delivery = @Id
                """,
                new { held.Id, nowMs, Status = (long)result.Status, durationMs = (long)duration.TotalMilliseconds, result.Error }, transaction);
            if (result.IsGone)
                await EndAsync(transaction, held.To.Id, nowMs);
            return true;
        }, stop);
    }

    /// <summary>An owner's deliveries, newest first.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="before">Only those older than this place: a time in milliseconds and an id; null for the newest.</param>
    /// <param name="max">At most so many.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<DeliveryView>> ListAsync(string owner, (long CreatedMs, string Id)? before, int max, CancellationToken stop = default)
    {
        var (createdMs, id) = before ?? (long.MaxValue, "");
        await using var connection = await store.ReadAsync(stop);
        ViewRow[] rows = [.. await connection.QueryAsync<ViewRow>(
            $"""
            SELECT {Columns} FROM deliveries AS d INNER JOIN destinations AS t ON t.id = d.destination
            WHERE d.owner = @owner AND (d.created_ms < @createdMs OR d.created_ms = @createdMs AND d.id < @id)
            ORDER BY d.created_ms DESC, d.id DESC LIMIT @max
            """,
            new { owner, createdMs, id, max })];
        return await WithAttemptsAsync(connection, rows);
    }

    /// <summary>Sends a delivery again, now and with all its attempts before it; its id stays. Null when the owner has none of this id.</summary>
    public async Task<DeliveryView?> ReplayAsync(string owner, string id, CancellationToken stop = default)
    {
        if (!SqlDestinations.IsId(id))
            return null;
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        // One that is under way keeps its lease: the receiver would get it twice at a time.
        bool isFound = await store.WriteAsync(async transaction => await transaction.Connection!.ExecuteAsync(
            "UPDATE deliveries SET state = 'waiting', due_ms = @nowMs, attempts = 0, finished_ms = NULL WHERE id = @id AND owner = @owner",
            new { id, owner, nowMs }, transaction) > 0, stop);
        if (!isFound)
            return null;
        await using var connection = await store.ReadAsync(stop);
        ViewRow[] rows = [.. await connection.QueryAsync<ViewRow>(
            $"SELECT {Columns} FROM deliveries AS d INNER JOIN destinations AS t ON t.id = d.destination WHERE d.id = @id", new { id })];
        return await WithAttemptsAsync(connection, rows) is [var replayed, ..] ? replayed : null;
    }

    /// <summary>Sends an owner's deliveries of a span again, each under its id; those that wait already stay as they are.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="from">Made at this time or later.</param>
    /// <param name="to">Made before this time.</param>
    /// <param name="deadOnly">Only those given up; those delivered too otherwise.</param>
    /// <param name="stop">Ends the wait for other writers.</param>
    /// <returns>How many are sent again.</returns>
    public Task<int> ReplaySpanAsync(string owner, DateTimeOffset from, DateTimeOffset to, bool deadOnly, CancellationToken stop = default) => store.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync(
            """
            UPDATE deliveries SET state = 'waiting', due_ms = @nowMs, attempts = 0, finished_ms = NULL
            WHERE owner = @owner AND created_ms >= @fromMs AND created_ms < @toMs AND (state = 'dead' OR @deadOnly = 0 AND state = 'delivered')
            """,
            new
            {
                owner,
                nowMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
                fromMs = from.ToUnixTimeMilliseconds(),
                toMs = to.ToUnixTimeMilliseconds(),
                deadOnly = deadOnly ? 1L : 0L,
            }, transaction), stop);

    /// <summary>Removes what was finished before a time; returns how many.</summary>
    public Task<int> SweepAsync(DateTimeOffset before, CancellationToken stop = default) => store.WriteAsync(transaction =>
        transaction.Connection!.ExecuteAsync("DELETE FROM deliveries WHERE state <> 'waiting' AND finished_ms < @beforeMs",
            new { beforeMs = before.ToUnixTimeMilliseconds() }, transaction), stop);

    /// <summary>How many wait, and how many were given up.</summary>
    public async Task<DeliveryDepth> DepthAsync(CancellationToken stop = default)
    {
        await using var connection = await store.ReadAsync(stop);
        return new DeliveryDepth(
            await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM deliveries WHERE state = 'waiting'"),
            await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM deliveries WHERE state = 'dead'"));
    }

    // What waits for a receiver that wants nothing more is given up with it.
    private static async Task EndAsync(DbTransaction transaction, string destination, long nowMs)
    {
        await transaction.Connection!.ExecuteAsync("UPDATE destinations SET is_gone = 1 WHERE id = @destination", new { destination }, transaction);
        await transaction.Connection!.ExecuteAsync(
            "UPDATE deliveries SET state = 'dead', finished_ms = @nowMs WHERE destination = @destination AND state = 'waiting' AND lease_ms <= @nowMs",
            new { destination, nowMs }, transaction);
    }

    private static async Task<IReadOnlyList<DeliveryView>> WithAttemptsAsync(DbConnection connection, ViewRow[] rows)
    {
        List<DeliveryView> views = [];
        foreach (var row in rows)
        {
            var attempts = await connection.QueryAsync<AttemptRow>(
                "SELECT at_ms AS AtMs, status AS Status, duration_ms AS DurationMs, error AS Error FROM delivery_attempts WHERE delivery = @Id ORDER BY number",
                new { row.Id });
            views.Add(row.ToView([.. attempts.Select(a => a.ToAttempt())]));
        }
        return views;
    }

    private sealed record LeaseRow(
        string Id, string Type, string Title, string Body, string Json, long Attempts, long LeaseMs, string Destination, string Kind, string Address, string Secret,
        string OldSecret, long OldUntilMs, string SigningKey)
    {
        public LeasedDelivery ToLeased(SecretSeal secrets) => new(
            Id,
            SqlDestinations.Opened(secrets, new Destination(Destination, DestinationKinds.Find(Kind)!.Value, Address, Secret)
            {
                OldSecret = OldSecret,
                OldUntil = DateTimeOffset.FromUnixTimeMilliseconds(OldUntilMs),
                SigningKey = SigningKey,
            }),
            new Message(Type, Title, Body, Json), (int)Attempts, LeaseMs);
    }

    private sealed record ViewRow(
        string Id, string Destination, string Kind, string Type, string Title, string State, long DueMs, long CreatedMs, long? FinishedMs)
    {
        public DeliveryView ToView(IReadOnlyList<DeliveryAttempt> attempts) => new(
            Id, Destination, Kind, Type, Title, State, State == DeliveryStates.Waiting ? DateTimeOffset.FromUnixTimeMilliseconds(DueMs) : null,
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedMs), FinishedMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null, attempts);
    }

    private sealed record AttemptRow(long AtMs, long Status, long DurationMs, string Error)
    {
        public DeliveryAttempt ToAttempt() => new(DateTimeOffset.FromUnixTimeMilliseconds(AtMs), (int)Status, DurationMs, Error);
    }
}
