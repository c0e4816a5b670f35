using System.Security.Cryptography;
using Weir.Control;

namespace Weir.Hosting;

/// <summary>The edge's secret in the data folder (<c>edge.key</c>, mode 0600), so that visitors' sessions outlive a restart. Edges that serve the
/// same sites may be given copies of one file.</summary>
internal static class EdgeSecret
{
    private const string FileName = "edge.key";
    private const int Bytes = 32;

    /// <summary>Reads it, or makes one when there is none.</summary>
    /// <param name="folder">The data folder, held by this program.</param>
    /// <exception cref="CommandException">It cannot be read or written, or is no key.</exception>
    public static ReadOnlyMemory<byte> Of(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (!File.Exists(path))
                Make(path);
            byte[] secret = Convert.FromHexString(File.ReadAllText(path).Trim());
            return secret.Length == Bytes ? secret : throw new FormatException();
        }
        catch (FormatException e)
        {
            throw new CommandException($"{path} is no key of {Bytes} bytes in hex. Remove it, and a new one is made; sticky sessions then begin anew.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path} cannot be read or written: {e.Message.TrimEnd('.')}. Give this user the right.", e);
        }
    }

    private static void Make(string path)
    {
        string aside = path + ".new";
        File.Delete(aside);
        using (var file = new FileStream(aside, PrivateFile.Options(FileMode.CreateNew, FileAccess.Write, FileShare.Read)))
            file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes)) + "\n"));
        // Whole or not at all, also when the machine stops in between.
        File.Move(aside, path);
    }
}
