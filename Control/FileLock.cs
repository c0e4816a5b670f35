namespace Weir.Control;

/// <summary>A lock between programs that share a data folder: whoever holds the file open. The system releases it when its holder dies.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits for the lock; throws <see cref="ControlException"/> after <paramref name="patience"/>. Dispose to release.</summary>
    public static async Task<FileStream> TakeAsync(string path, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, PrivateFile.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (time.GetElapsedTime(start) < patience)
            {
                await Task.Delay(Retry, time, stop);
            }
            catch (IOException e)
            {
                throw new ControlException(
                    $"{path} has been held by another weir program for {patience.TotalSeconds:0} s. Stop that program, or start again.", e);
            }
        }
    }
}
