using System.Security.Cryptography;
using System.Text;

namespace Weir.Control;

/// <summary>Seals private keys and secrets with the key of a file: AES-256-GCM, the certificate's name (or the row's id) as associated data, so that no row can take
/// another's place. Safe from any thread and between programs.</summary>
/// <remarks>Sealed form: one byte of format (1), 12 bytes of nonce, 16 bytes of tag, then the ciphertext. The file holds 32 bytes in hex. It is
/// read at each use, since it may be put in place while the program runs.</remarks>
/// <param name="path">The file.</param>
public sealed class CertificateKeyFile(string path)
{
    /// <summary>The file's name in the data folder, unless the settings say otherwise.</summary>
    public const string DefaultName = "certificates.key";

    private const byte Format = 1;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = 1 + NonceBytes + TagBytes;
    private const string PutBack = "Put back the key file that it was added with (it belongs with your backups)";

    /// <summary>Where the file is.</summary>
    public string Path => path;

    /// <summary>When the file was last written; the year 1601 when there is none.</summary>
    public DateTime Stamp => File.GetLastWriteTimeUtc(path);

    /// <summary>Makes the file with a new key, for its owner alone (mode 0600), when there is none. Of two programs at once one makes it.</summary>
    /// <exception cref="ControlException">It cannot be written.</exception>
    public void Ensure()
    {
        if (File.Exists(path))
            return;
        string aside = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
                PrivateFile.EnsureFolder(folder);
            using (var file = new FileStream(aside, PrivateFile.Options(FileMode.CreateNew, FileAccess.Write, FileShare.None)))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n"));
                file.Flush(flushToDisk: true);
            }
            File.Move(aside, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another program was first: its key is used.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ControlException($"{path} cannot be written: {e.Message.TrimEnd('.')}. Give this user the right, or name another place in control.certificateKeyFile.", e);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <summary>Seals a private key.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="key">The private key in PEM form.</param>
    /// <exception cref="ControlException">The file is not there, or holds no key.</exception>
    public byte[] Seal(string name, string key) => Seal($"certificate '{name}'", name, key);

    /// <summary>Opens a private key.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="whole">As <see cref="Seal(string, string)"/> made it.</param>
    /// <exception cref="ControlException">The file is not there, holds no key or another one, or the sealed key was changed.</exception>
    public string Open(string name, byte[] whole) => Open($"the private key of certificate '{name}'", name, whole, "add the certificate again");

    /// <summary>Seals a text.</summary>
    /// <param name="what">What it is, for people.</param>
    /// <param name="about">What it belongs to: it can be opened for that alone.</param>
    /// <param name="secret">The text.</param>
    internal byte[] Seal(string what, string about, string secret)
    {
        byte[] text = Encoding.UTF8.GetBytes(secret);
        byte[] whole = new byte[HeadBytes + text.Length];
        whole[0] = Format;
        RandomNumberGenerator.Fill(whole.AsSpan(1, NonceBytes));
        using var cipher = Read($"{what} cannot be sealed", "Put it back from your backups.");
        cipher.Encrypt(whole.AsSpan(1, NonceBytes), text, whole.AsSpan(HeadBytes), whole.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(about));
        CryptographicOperations.ZeroMemory(text);
        return whole;
    }

    /// <summary>Opens a text.</summary>
    /// <param name="what">What it is, for people.</param>
    /// <param name="about">What it belongs to.</param>
    /// <param name="whole">As it was sealed.</param>
    /// <param name="otherwise">What to do when the key is lost.</param>
    internal string Open(string what, string about, byte[] whole, string otherwise)
    {
        if (whole.Length < HeadBytes || whole[0] != Format)
            throw new ControlException($"{what} is in no form that this program knows. Use a newer weir, or {otherwise}.");
        using var cipher = Read($"{what} cannot be opened", $"{PutBack}, or {otherwise}.");
        byte[] text = new byte[whole.Length - HeadBytes];
        try
        {
            cipher.Decrypt(whole.AsSpan(1, NonceBytes), whole.AsSpan(HeadBytes), whole.AsSpan(1 + NonceBytes, TagBytes), text, Encoding.UTF8.GetBytes(about));
            return Encoding.UTF8.GetString(text);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new ControlException($"{what} cannot be opened: {path} holds another key than it was sealed with, or the row was changed. {PutBack}, or {otherwise}.", e);
        }
    }

    private AesGcm Read(string what, string mend)
    {
        try
        {
            byte[] key = Convert.FromHexString(File.ReadAllText(path).Trim());
            return key.Length == KeyBytes ? new AesGcm(key, TagBytes) : throw new FormatException();
        }
        catch (FormatException e)
        {
            throw new ControlException($"{what}: {path} is no key of {KeyBytes} bytes in hex. {mend}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ControlException($"{what}: there is no key file {path}. {mend}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ControlException($"{what}: {path} cannot be read: {e.Message.TrimEnd('.')}. Give this user the right.", e);
        }
    }
}
