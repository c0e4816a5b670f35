using Npgsql;

namespace Weir.Queue;

/// <summary>The queue that textbooks show for PostgreSQL, as a measure of what the server can give: one table, SKIP LOCKED, nothing else.</summary>
/// <remarks>It knows no tenants, fencing, ceilings, results, triggers or why; its statements are prepared.</remarks>
internal sealed class PlainQueue(NpgsqlDataSource source)
{
    public async Task MakeAsync(int jobs)
    {
        await using var make = source.CreateCommand($"""
            CREATE TABLE plain_jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, engine text NOT NULL, query text NOT NULL, state text NOT NULL, priority double precision NOT NULL,
                due timestamptz NOT NULL, lease_until timestamptz, result text);
            INSERT INTO plain_jobs (engine, query, state, priority, due) SELECT 'chatgpt', 'best widgets for purpose ' || i, 'ready', (i % 97) / 97.0, now() FROM generate_series(1, {jobs}) i;
            CREATE INDEX plain_jobs_ready ON plain_jobs (priority DESC, due, id) WHERE state = 'ready';
            """);
        make.CommandTimeout = 300;
        await make.ExecuteNonQueryAsync();
    }

    public async Task<long> WorkAsync(int batch, Func<bool> isOver)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var lease = new NpgsqlCommand("""
            UPDATE plain_jobs SET state = 'leased', lease_until = now() + interval '1 minute'
            WHERE id = ANY (ARRAY(SELECT id FROM plain_jobs WHERE state = 'ready' AND due <= now() ORDER BY priority DESC, due, id LIMIT $1 FOR UPDATE SKIP LOCKED))
            RETURNING id, engine, query
            """, connection) { Parameters = { new() { Value = batch } } };
        await using var complete = new NpgsqlCommand("UPDATE plain_jobs SET state = 'done', result = 'gap' WHERE id = ANY ($1) AND state = 'leased'", connection);
        var ids = complete.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Bigint });
        await lease.PrepareAsync();
        await complete.PrepareAsync();
        long done = 0;
        while (!isOver())
        {
            List<long> taken = [];
            await using (var reader = await lease.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    taken.Add(reader.GetInt64(0));
            }
            ids.Value = taken.ToArray();
            done += await complete.ExecuteNonQueryAsync();
        }
        return done;
    }
}
