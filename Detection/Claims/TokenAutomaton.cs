using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weir.Detection.Claims;

/// <summary>What happens beside a pattern's edge for the pattern to count.</summary>
internal enum Edge : byte
{
    /// <summary>Anything may stand there.</summary>
    Any = 0,

    /// <summary>No letter or digit, where the pattern's own edge is one.</summary>
    Whole = 1,

    /// <summary>As <see cref="Whole"/>, or a change of case as in <c>GomezAgent</c>; digits are no part of the word.</summary>
    Camel = 2,
}

/// <summary>One text that the automaton finds.</summary>
/// <param name="Text">ASCII, in any case.</param>
/// <param name="Value">What the finder makes of it: a crawler's index, or a word's bit.</param>
/// <param name="IsToken">Whether it names a crawler.</param>
/// <param name="Left">What may stand before it.</param>
/// <param name="Right">What may stand behind it.</param>
internal readonly record struct Pattern(string Text, ushort Value, bool IsToken, Edge Left, Edge Right);

/// <summary>
/// Finds all patterns in one pass: Aho and Corasick's automaton (CACM 18/6, 1975) as a dense table over classes of characters.
/// Immutable; safe from any thread; allocates nothing after construction.
/// </summary>
/// <remarks>Letters are folded to lower case; what no pattern uses, and all that is not ASCII, is one class. The table of the shipped
/// catalog is under 2 MB, and user agents stay in the few states near the root.</remarks>
internal sealed class TokenAutomaton
{
    private readonly byte[] _classOf = new byte[128];
    private readonly ushort[] _next;
    private readonly int _shift;
    private readonly int _firstAccepting;
    private readonly int[] _outputStart;
    private readonly ushort[] _outputs;

    public TokenAutomaton(IReadOnlyList<Pattern> patterns)
    {
        Patterns = patterns.ToArray();
        int classes = AssignClasses();
        while (1 << _shift < classes)
            _shift++;
        var trie = new TokenTrie(Patterns, _classOf, 1 << _shift);
        (_next, _firstAccepting, _outputStart, _outputs) = trie.Compile();
    }

    public Pattern[] Patterns { get; }

    /// <summary>States of the automaton, for the size report.</summary>
    public int States => _next.Length >> _shift;

    /// <summary>The state before the first character.</summary>
    public const int Root = 0;

    /// <summary>The tables, held for a pass over one text.</summary>
    public Steps Begin() => new(this);

    /// <summary>The patterns that end in an accepting state, as indexes into <see cref="Patterns"/>, longest first.</summary>
    public ReadOnlySpan<ushort> OutputsOf(int state)
    {
        int i = state - _firstAccepting;
        return _outputs.AsSpan(_outputStart[i].._outputStart[i + 1]);
    }

    /// <summary>Walks the automaton. The tables' addresses stay in registers, which takes about a tenth off a pass.</summary>
    public readonly ref struct Steps(TokenAutomaton automaton)
    {
        private readonly ref ushort _next = ref MemoryMarshal.GetArrayDataReference(automaton._next);
        private readonly ref byte _classOf = ref MemoryMarshal.GetArrayDataReference(automaton._classOf);
        private readonly int _shift = automaton._shift;
        private readonly int _firstAccepting = automaton._firstAccepting;

        /// <summary>One step from a state that this or <see cref="Root"/> gave.</summary>
        /// <remarks>No bounds are checked: every entry of the table is one of its states, and a class is below the table's width.</remarks>
        public int Next(int state, char c) => Unsafe.Add(ref _next, (state << _shift) | (c < 128 ? Unsafe.Add(ref _classOf, c) : 0));

        /// <summary>Whether patterns end in a state.</summary>
        public bool IsAccepting(int state) => state >= _firstAccepting;
    }

    private int AssignClasses()
    {
        int classes = 1; // class 0 is every other character
        foreach (var pattern in Patterns)
        {
            foreach (char raw in pattern.Text)
            {
                char c = char.ToLowerInvariant(raw);
                if (c >= 128)
                    throw new InvalidOperationException($"'{pattern.Text}' is not ASCII.");
                if (_classOf[c] != 0)
                    continue;
                _classOf[c] = (byte)classes++;
                _classOf[char.ToUpperInvariant(c)] = _classOf[c];
            }
        }
        return classes;
    }
}
