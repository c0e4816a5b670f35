using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Control;

/// <summary>The form of secrets that open something: a prefix, 10 characters of public id, 44 of secret; all base62, so that a double click selects it.</summary>
/// <remarks>44 base62 characters hold 262 random bits. The prefix lets secret scanners find one that leaked, and no kind passes for another.</remarks>
internal static class SecretText
{
    /// <summary>Begin of an API key.</summary>
    public const string Key = "weir_";

    /// <summary>Begin of the token in a share link.</summary>
    public const string Share = "share_";

    private const int IdLength = 10;
    private const int SecretLength = 44;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Base62Characters = SearchValues.Create(Base62);

    public static string New(string prefix) => prefix + RandomNumberGenerator.GetString(Base62, IdLength + SecretLength);

    /// <summary>The public id of a well-formed secret of this kind; null for anything else.</summary>
    public static string? IdOf(string prefix, string? text)
    {
        if (text is null || text.Length != prefix.Length + IdLength + SecretLength || !text.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        return text.AsSpan(prefix.Length).ContainsAnyExcept(Base62Characters) ? null : text.Substring(prefix.Length, IdLength);
    }

    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
