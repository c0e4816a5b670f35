using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Ingest.AccessLogs;

/// <summary>Which file a name or a handle leads to: device and inode, which a rename does not change.</summary>
internal readonly partial record struct FileIdentity(ulong Device, ulong Inode)
{
    // statx(2): the one call whose answer has the same layout everywhere.
    private const int AtCurrentFolder = -100;
    private const int AtEmptyPath = 0x1000;
    private const uint WantsInode = 0x100;
    private const int AnswerBytes = 256;
    private const int InodeAt = 32;
    private const int DeviceAt = 136;

    /// <summary>The file that a name leads to now; null when there is none.</summary>
    public static FileIdentity? Of(string path)
    {
        Span<byte> answer = stackalloc byte[AnswerBytes];
        return Statx(AtCurrentFolder, path, 0, WantsInode, ref MemoryMarshal.GetReference(answer)) == 0 ? Read(answer) : null;
    }

    /// <summary>An opened file.</summary>
    /// <exception cref="IOException">The system does not tell.</exception>
    public static FileIdentity Of(SafeFileHandle file)
    {
        Span<byte> answer = stackalloc byte[AnswerBytes];
        return Statx((int)file.DangerousGetHandle(), "", AtEmptyPath, WantsInode, ref MemoryMarshal.GetReference(answer)) == 0
            ? Read(answer)
            : throw new IOException("The system does not say which file was opened.");
    }

    private static FileIdentity Read(ReadOnlySpan<byte> answer) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(answer[DeviceAt..]), BinaryPrimitives.ReadUInt64LittleEndian(answer[InodeAt..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte answer);
}
