using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Weir.Detection;

namespace Weir.Proxy.Beacon;

/// <summary>For whom a token is.</summary>
/// <param name="Site">The site.</param>
/// <param name="Client">The client key; 0 for a token that follows its holder from address to address.</param>
/// <param name="UserAgent">The user agent, as sent.</param>
internal readonly record struct BeaconHolder(SiteId Site, UInt128 Client, string UserAgent);

/// <summary>Makes and checks short texts that only this program can make: 4 bytes of the minute, 12 of HMAC-SHA256. Safe from any thread.</summary>
/// <remarks>The key lives as long as the program. A token of another edge is worth nothing here, and should not be: what clients did is
/// kept by each edge for itself.</remarks>
internal sealed class BeaconTokens
{
    private const int Bytes = 16;
    private const int MacBytes = 12;
    private const int UserAgentChars = 512;
    private const int HeadBytes = 4 + 16 + 8 + 4;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>A token of this minute.</summary>
    public string Issue(in BeaconHolder holder, long timeMs)
    {
        Span<byte> token = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt32BigEndian(token, MinuteOf(timeMs));
        Sign(holder, MinuteOf(timeMs), token[4..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Whether a text is a token for this holder that is no older than so many minutes.</summary>
    public bool IsValid(ReadOnlySpan<char> text, in BeaconHolder holder, long timeMs, int minutesMax)
    {
        Span<byte> token = stackalloc byte[Bytes];
        if (text.Length != Base64Url.GetEncodedLength(Bytes) || !Base64Url.TryDecodeFromChars(text, token, out int length) || length != Bytes)
            return false;
        uint minute = BinaryPrimitives.ReadUInt32BigEndian(token);
        uint now = MinuteOf(timeMs);
        if (minute > now || now - minute > minutesMax)
            return false;
        Span<byte> mac = stackalloc byte[MacBytes];
        Sign(holder, minute, mac);
        return CryptographicOperations.FixedTimeEquals(mac, token[4..]);
    }

    private void Sign(in BeaconHolder holder, uint minute, Span<byte> mac)
    {
        Span<byte> message = stackalloc byte[HeadBytes + (UserAgentChars * sizeof(char))];
        var userAgent = holder.UserAgent.AsSpan(0, Math.Min(holder.UserAgent.Length, UserAgentChars));
        BinaryPrimitives.WriteUInt32BigEndian(message, minute);
        BinaryPrimitives.WriteUInt128BigEndian(message[4..], holder.Client);
        XxHash3.Hash(MemoryMarshal.AsBytes(holder.Site.Value.AsSpan()), message[20..]);
        BinaryPrimitives.WriteInt32BigEndian(message[28..], holder.UserAgent.Length);
        MemoryMarshal.AsBytes(userAgent).CopyTo(message[HeadBytes..]);
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, message[..(HeadBytes + (userAgent.Length * sizeof(char)))], whole);
        whole[..MacBytes].CopyTo(mac);
    }

    private static uint MinuteOf(long timeMs) => (uint)(timeMs / 60_000);
}
