using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Ingest.Embedded.Engine;

/// <summary>The few calls of libc (glibc, x64) that .NET has no counterpart for.</summary>
internal static unsafe partial class LibC
{
    const int LockExclusive = 2;
    const int LockNonBlocking = 4;
    const int Unlock = 8;
    const int WouldBlock = 11;

    const int ReadOnly = 0;
    const int CloseOnExec = 0x80000;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    // struct sigaction of glibc on x64 is 152 bytes: handler, mask of 1,024 bits, flags, restorer.
    const int SigactionBytes = 152;
    const int SignalLast = 64;

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int Sigaction(int signal, byte* action, byte* previous);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(int file, int operation);

    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int ParentId();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int process, int signal);

    /// <summary>Ends the process without running destructors: libchdb's end in a segmentation fault.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void ExitNow(int code);

    /// <summary>Runs <paramref name="work"/> and puts back every signal handler that it replaced.</summary>
    /// <remarks>libchdb takes SIGRTMIN (34), with which .NET suspends threads: without this the first collection hangs.</remarks>
    public static T KeepingSignalHandlers<T>(Func<T> work)
    {
        var saved = new byte[(SignalLast + 1) * SigactionBytes];
        fixed (byte* at = saved)
        {
            for (int signal = 1; signal <= SignalLast; signal++) _ = Sigaction(signal, null, at + (signal * SigactionBytes));
            T answer = work();
            for (int signal = 1; signal <= SignalLast; signal++) _ = Sigaction(signal, at + (signal * SigactionBytes), null);
            return answer;
        }
    }

    /// <summary>Opens a file for reading without .NET's own advisory lock, which fails where another process holds one.</summary>
    /// <returns>A handle; invalid when there is no such file.</returns>
    public static SafeFileHandle OpenForReading(string path) => new(Open(path, ReadOnly | CloseOnExec), ownsHandle: true);

    /// <summary>Whether another process holds the lock (flock) of an open file.</summary>
    public static bool IsLockedElsewhere(SafeFileHandle file)
    {
        int descriptor = (int)file.DangerousGetHandle();
        if (Flock(descriptor, LockExclusive | LockNonBlocking) == 0)
        {
            _ = Flock(descriptor, Unlock);
            return false;
        }
        return Marshal.GetLastPInvokeError() == WouldBlock;
    }
}
