using System.Text;

namespace Weir.Proxy.Connection;

/// <summary>Reads Connection headers so that the names in them survive the server.</summary>
/// <remarks>Of a value that holds exactly one of "close", "keep-alive" and "Upgrade" Kestrel keeps that word alone, and what else it names for this
/// hop (RFC 9110 section 7.6.1) would be passed on. Kestrel asks for an encoding by header name, and that is the one place where the
/// whole value is seen: beside other names, "keep-alive" (the default) is dropped, or added to "close" and "Upgrade", whose meaning it does
/// not change. A lone word in a line of its own still swallows the names of another line.</remarks>
internal sealed class ConnectionOptionText : Encoding
{
    private const string KeepAlive = "keep-alive";

    /// <summary>The one instance; stateless.</summary>
    public static ConnectionOptionText Instance { get; } = new();

    /// <summary>The value as the server is given it.</summary>
    internal static string Preserve(string value)
    {
        bool hasOther = false, hasKeepAlive = false, hasWord = false;
        foreach (var range in value.AsSpan().Split(','))
        {
            var option = value.AsSpan()[range].Trim(' ');
            if (option.Equals(KeepAlive, StringComparison.OrdinalIgnoreCase))
                hasKeepAlive = true;
            else if (option.Equals("close", StringComparison.OrdinalIgnoreCase) || option.Equals("Upgrade", StringComparison.OrdinalIgnoreCase))
                hasWord = true;
            else
                hasOther |= !option.IsEmpty;
        }
        if (!hasOther || hasWord == hasKeepAlive)
            return value;
        return hasWord ? $"{value}, {KeepAlive}" : string.Join(',', value.Split(',').Where(o => !o.Trim(' ').Equals(KeepAlive, StringComparison.OrdinalIgnoreCase)));
    }

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => Preserve(Latin1.GetString(bytes, index, count)).Length;

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        string text = Preserve(Latin1.GetString(bytes, byteIndex, byteCount));
        text.CopyTo(0, chars, charIndex, text.Length);
        return text.Length;
    }

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount + KeepAlive.Length + 2;

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => count;

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => charCount;
}
