using Microsoft.Data.Sqlite;

namespace Weir.Control.Sqlite;

/// <summary>Copies what was written from the write-ahead log into the file, beside the writer. Safe from any thread.</summary>
/// <remarks>By itself SQLite does so within the commit that fills the log, and every writer behind it waits for the disk. Here most is copied while the writer goes on; then
/// the little that came meanwhile, with the writer held, so that the log begins anew. Should this fall behind, the writer does it as before, at <see cref="PagesMax"/>.</remarks>
internal sealed class WalCheckpoints(Func<SqliteConnection> connect, SqliteConnection writer, SemaphoreSlim writing) : IDisposable
{
    /// <summary>Pages of the log at which a commit copies them itself: 128 MiB.</summary>
    public const int PagesMax = 32_768;

    // A scan that is leased and completed changes some ten pages far apart; this many rows are some tens of MiB of log.
    private const int RowsMax = 8_000;

    private readonly CancellationTokenSource _end = new();
    private long _copiedAt;
    private Task _copying = Task.CompletedTask;

    /// <summary>Begins to copy where much was written since the last time. The caller holds the writer.</summary>
    public void Written()
    {
        long rows = SQLitePCL.raw.sqlite3_total_changes(writer.Handle);
        if (Math.Abs(rows - _copiedAt) < RowsMax || !_copying.IsCompleted)
            return;
        _copiedAt = rows;
        _copying = Task.Run(CopyAsync);
    }

    /// <summary>Lets a copy that is under way end. The caller holds the writer for good.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _copying;
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    private async Task CopyAsync()
    {
        try
        {
            await using (var connection = connect())
                Copy(connection);
            await writing.WaitAsync(_end.Token);
            try
            {
                Copy(writer);
            }
            finally
            {
                writing.Release();
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (SqliteException)
        {
            // A full disk, say: the log keeps everything, and the next commit that copies by itself says what is wrong.
        }
    }

    private static void Copy(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        command.ExecuteNonQuery();
    }
}
