using System.Text;

namespace Weir.Fuzz;

/// <summary>A reader of outside bytes: anything it throws is a finding.</summary>
internal sealed class Target(Action<byte[]> read)
{
    // What a request line, header or first flight can bring; longer inputs only slow the search.
    private const int InputBytesMax = 16 * 1024;

    /// <summary>Feeds one input.</summary>
    public void Read(Stream input)
    {
        byte[] bytes = new byte[InputBytesMax];
        int length = input.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        read(bytes[..length]);
    }

    /// <summary>A target for text, as Kestrel hands it over: a char a byte, so that every byte value arrives.</summary>
    public static Target OfText(Action<string> read) => new(bytes => read(Encoding.Latin1.GetString(bytes)));

    /// <summary>Fails with a sentence when something that must hold does not.</summary>
    public static void Require(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException(what);
    }
}
