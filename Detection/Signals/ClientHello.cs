using System.Buffers.Binary;

namespace Weir.Detection.Signals;

/// <summary>A TLS client's greeting, read out of its records. Borrows the bytes; every length in them is checked.</summary>
internal readonly ref struct ClientHello
{
    /// <summary>The longest greeting judged: with the largest keys of today one is under 4 KiB.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>The most ciphers, and the most extensions, that are judged; browsers stay under 25.</summary>
    public const int MaxEntries = 512;

    private const byte HandshakeRecord = 22, GreetingMessage = 1;

    private ClientHello(ushort version, ReadOnlySpan<byte> ciphers, ReadOnlySpan<byte> extensions)
    {
        Version = version;
        Ciphers = ciphers;
        Extensions = extensions;
    }

    /// <summary>The version in the greeting's head, which TLS 1.3 freezes at 1.2.</summary>
    public ushort Version { get; }

    /// <summary>Cipher suites, two bytes each, in the client's order.</summary>
    public ReadOnlySpan<byte> Ciphers { get; }

    /// <summary>Extensions as sent: type, length, body; every length was checked.</summary>
    public ReadOnlySpan<byte> Extensions { get; }

    /// <summary>Reads a greeting. False when the bytes are none, or not a whole one. Never throws.</summary>
    /// <param name="records">TLS records from the first byte of the connection on.</param>
    /// <param name="scratch">Room for a greeting that was cut over several records; as long as <paramref name="records"/>.</param>
    /// <param name="hello">The greeting; borrows one of the two.</param>
    public static bool TryRead(ReadOnlySpan<byte> records, Span<byte> scratch, out ClientHello hello)
    {
        hello = default;
        if (records.Length > MaxLength || !TryJoin(records, scratch, out var message))
            return false;
        var rest = message;
        if (!TryTake(ref rest, 34, out var head) || !TryTakeVector(ref rest, 1, out _) || !TryTakeVector(ref rest, 2, out var ciphers)
            || !TryTakeVector(ref rest, 1, out _) || ciphers.Length % 2 != 0 || ciphers.Length / 2 > MaxEntries)
            return false;
        var extensions = ReadOnlySpan<byte>.Empty;
        if (!rest.IsEmpty && (!TryTakeVector(ref rest, 2, out extensions) || !AreWhole(extensions)))
            return false;
        hello = new ClientHello(BinaryPrimitives.ReadUInt16BigEndian(head), ciphers, extensions);
        return true;
    }

    /// <summary>Whether a code is one of those that mean nothing and keep servers from choking on new ones (RFC 8701).</summary>
    public static bool IsGrease(ushort code) => (code & 0x0F0F) == 0x0A0A && (byte)code == code >> 8;

    /// <summary>Finds the body of an extension.</summary>
    public bool TryFind(ushort type, out ReadOnlySpan<byte> body)
    {
        var rest = Extensions;
        while (TryTakeExtension(ref rest, out ushort found, out body))
        {
            if (found == type)
                return true;
        }
        body = default;
        return false;
    }

    /// <summary>Takes the next extension off.</summary>
    public static bool TryTakeExtension(scoped ref ReadOnlySpan<byte> rest, out ushort type, out ReadOnlySpan<byte> body)
    {
        type = 0;
        body = default;
        if (!TryTake(ref rest, 2, out var head) || !TryTakeVector(ref rest, 2, out body))
            return false;
        type = BinaryPrimitives.ReadUInt16BigEndian(head);
        return true;
    }

    /// <summary>Takes a vector off: its length in so many bytes, then as many bytes as that says.</summary>
    public static bool TryTakeVector(scoped ref ReadOnlySpan<byte> rest, int lengthBytes, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (!TryTake(ref rest, lengthBytes, out var length))
            return false;
        int count = 0;
        foreach (byte b in length)
            count = count << 8 | b;
        return TryTake(ref rest, count, out body);
    }

    // The greeting's message without its head, out of one record or joined from several.
    private static bool TryJoin(ReadOnlySpan<byte> records, Span<byte> scratch, out ReadOnlySpan<byte> message)
    {
        message = default;
        int held = 0;
        while (records.Length > 0)
        {
            if (!TryTake(ref records, 3, out var head) || head[0] != HandshakeRecord || head[1] != 3
                || !TryTakeVector(ref records, 2, out var fragment) || fragment.IsEmpty)
                return false;
            // A greeting in one record, as nearly all are, is read where it lies.
            if (held == 0 && TryWhole(fragment, out message))
                return true;
            if (!fragment.TryCopyTo(scratch[held..]))
                return false;
            held += fragment.Length;
            if (TryWhole(scratch[..held], out message))
                return true;
        }
        return false;
    }

    private static bool TryWhole(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> message)
    {
        message = default;
        return TryTake(ref bytes, 1, out var type) && type[0] == GreetingMessage && TryTakeVector(ref bytes, 3, out message);
    }

    private static bool AreWhole(ReadOnlySpan<byte> extensions)
    {
        int count = 0;
        while (!extensions.IsEmpty)
        {
            if (!TryTakeExtension(ref extensions, out _, out _) || ++count > MaxEntries)
                return false;
        }
        return true;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, int count, out ReadOnlySpan<byte> taken)
    {
        if (count > rest.Length)
        {
            taken = default;
            return false;
        }
        taken = rest[..count];
        rest = rest[count..];
        return true;
    }
}
