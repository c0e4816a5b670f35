using System.Runtime.InteropServices;

namespace Weir.Detection.Signals.Clients;

/// <summary>What is kept of one client: eight words, one cache line, so that two clients never share one.</summary>
/// <remarks>
/// Each word is changed by compare-and-swap alone and carries its own time, so a word is whole whenever it is read. Two words may be of
/// different moments, one request apart for each thread at work: harmless, as no word is read by the light of another.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct ClientEntry
{
    public const int Bytes = 64;

    public ulong Rate;
    public ulong Pace;
    public ulong Marks;
    public ulong PathsEven;
    public ulong PathsOdd;
    public ulong Outcomes;
    public ulong Test;
    public ulong Holders;
}
