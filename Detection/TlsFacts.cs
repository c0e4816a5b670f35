using System.Buffers;
using System.Globalization;
using Weir.Detection.Signals;

namespace Weir.Detection;

/// <summary>What a client's TLS greeting shows of the program that made it. Immutable; made once for each connection.</summary>
public sealed class TlsFacts
{
    /// <summary>A fingerprint as people write it, for help and error messages.</summary>
    public const string Example = "t13d1516h2_8daaf6152771_e5627efa2ab1";

    private const ushort CompressCertificate = 27, RecordSizeLimit = 28, DelegatedCredentials = 34;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private TlsFacts(string ja4)
    {
        Ja4 = ja4;
        Version = Number(1);
        Ciphers = Number(4);
        Extensions = Number(6);
    }

    /// <summary>The JA4 fingerprint, such as <see cref="Example"/>.</summary>
    public string Ja4 { get; }

    /// <summary>Whether the greeting itself was read; from a fingerprint alone the marks below are not known.</summary>
    public bool IsGreetingKnown { get; private init; }

    /// <summary>Whether it holds codes without meaning (GREASE), as Chromium and Safari send and libraries do not.</summary>
    public bool HasGrease { get; private init; }

    /// <summary>Whether it takes compressed certificates, as browsers do.</summary>
    public bool HasCertificateCompression { get; private init; }

    /// <summary>Whether it asks for a record size or delegated credentials, as Firefox does and few others.</summary>
    public bool HasFirefoxMarks { get; private init; }

    /// <summary>The highest TLS version offered, times ten: 13 for 1.3; 0 for older than 1.0.</summary>
    public int Version { get; }

    /// <summary>How many ciphers are offered, up to 99.</summary>
    public int Ciphers { get; }

    /// <summary>How many extensions were sent, up to 99.</summary>
    public int Extensions { get; }

    /// <summary>Whether HTTP/2 or 3 is offered first.</summary>
    public bool OffersHttp2 => Ja4.AsSpan(8, 2) is "h2" or "h3";

    /// <summary>Reads a greeting from a connection's first bytes; null when they hold none. Never throws.</summary>
    public static TlsFacts? Read(in ReadOnlySequence<byte> records)
    {
        if (records.Length > ClientHello.MaxLength)
            return null;
        int length = (int)records.Length;
        byte[] rented = ArrayPool<byte>.Shared.Rent(2 * length);
        try
        {
            records.CopyTo(rented);
            return Read(rented.AsSpan(0, length), rented.AsSpan(length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Takes a fingerprint that somebody else computed. False when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> ja4, out TlsFacts? facts)
    {
        facts = null;
        if (ja4.Length != Signals.Ja4.Length || ja4[0] is not ('t' or 'q' or 'd') || ja4[3] is not ('d' or 'i') || ja4[10] != '_' || ja4[23] != '_'
            || ja4[4..8].ContainsAnyExceptInRange('0', '9') || !AreHex(ja4[11..23]) || !AreHex(ja4[24..])
            || !char.IsAsciiLetterOrDigit(ja4[1]) || !char.IsAsciiDigit(ja4[2]) || !char.IsAsciiLetterOrDigit(ja4[8]) || !char.IsAsciiLetterOrDigit(ja4[9]))
            return false;
        facts = new TlsFacts(ja4.ToString());
        return true;
    }

    private static TlsFacts? Read(ReadOnlySpan<byte> records, Span<byte> scratch)
    {
        if (!ClientHello.TryRead(records, scratch, out var hello))
            return null;
        Span<char> ja4 = stackalloc char[Signals.Ja4.Length];
        Signals.Ja4.Write(hello, ja4);
        return new TlsFacts(ja4.ToString())
        {
            IsGreetingKnown = true,
            HasGrease = FindGrease(hello),
            HasCertificateCompression = hello.TryFind(CompressCertificate, out _),
            HasFirefoxMarks = hello.TryFind(RecordSizeLimit, out _) || hello.TryFind(DelegatedCredentials, out _),
        };
    }

    private static bool FindGrease(in ClientHello hello)
    {
        for (int i = 0; i + 1 < hello.Ciphers.Length; i += 2)
        {
            if (ClientHello.IsGrease((ushort)(hello.Ciphers[i] << 8 | hello.Ciphers[i + 1])))
                return true;
        }
        var rest = hello.Extensions;
        while (ClientHello.TryTakeExtension(ref rest, out ushort type, out _))
        {
            if (ClientHello.IsGrease(type))
                return true;
        }
        return false;
    }

    private static bool AreHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);

    private int Number(int at) => int.TryParse(Ja4.AsSpan(at, 2), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
