using System.Runtime.InteropServices;
using System.Text;

namespace Weir.Ingest.Embedded.Engine;

/// <summary>Query parameters as the C interface wants them: arrays of pointers and lengths, pinned for one call.</summary>
internal sealed unsafe class ParameterBlock : IDisposable
{
    readonly nint _memory;

    public ParameterBlock(IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        Count = (nuint)parameters.Count;
        if (Count == 0) return;
        int textBytes = 0;
        foreach (var (name, value) in parameters) textBytes += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
        int slots = parameters.Count * sizeof(nint);
        _memory = (nint)NativeMemory.Alloc((nuint)((slots * 4) + textBytes + 1));
        Names = (byte**)_memory;
        NameBytes = (nuint*)(_memory + slots);
        Values = (byte**)(_memory + (slots * 2));
        ValueBytes = (nuint*)(_memory + (slots * 3));
        byte* text = (byte*)(_memory + (slots * 4));
        byte* end = text + textBytes;
        for (int i = 0; i < parameters.Count; i++)
        {
            Names[i] = text;
            text += NameBytes[i] = Put(parameters[i].Key, text, end);
            Values[i] = text;
            text += ValueBytes[i] = Put(parameters[i].Value, text, end);
        }
    }

    public nuint Count { get; }
    public byte** Names { get; }
    public nuint* NameBytes { get; }
    public byte** Values { get; }
    public nuint* ValueBytes { get; }

    public void Dispose() => NativeMemory.Free((void*)_memory);

    static nuint Put(string value, byte* at, byte* end) =>
        (nuint)Encoding.UTF8.GetBytes(value, new Span<byte>(at, (int)(end - at)));
}
