using System.Text;
using Weir.Control;

namespace Weir.Sites;

/// <summary>Writes files that only their owner may read (mode 0600 where the system has modes).</summary>
internal static class PrivateText
{
    /// <summary>Writes a text so that a reader sees the old file or the whole new one, also after a power cut.</summary>
    public static void Write(string path, string text)
    {
        string aside = path + ".new";
        File.Delete(aside);
        using (var file = new FileStream(aside, PrivateFile.Options(FileMode.Create, FileAccess.Write, FileShare.None)))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
    }
}
