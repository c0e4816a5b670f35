using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Control;

/// <summary>The form of a key's text: <c>weir_</c>, 10 characters of public id, 44 of secret; all base62, so that a double click selects it.</summary>
/// <remarks>44 base62 characters hold 262 random bits. The prefix lets secret scanners find a key that leaked.</remarks>
internal static class ApiKeyText
{
    private const string Prefix = "weir_";
    private const int IdLength = 10;
    private const int SecretLength = 44;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> Base62Characters = SearchValues.Create(Base62);

    public static string New() => Prefix + RandomNumberGenerator.GetString(Base62, IdLength + SecretLength);

    /// <summary>The public id of a well-formed key; null for anything else.</summary>
    public static string? IdOf(string? text)
    {
        if (text is null || text.Length != Prefix.Length + IdLength + SecretLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        return text.AsSpan(Prefix.Length).ContainsAnyExcept(Base62Characters) ? null : text.Substring(Prefix.Length, IdLength);
    }

    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
