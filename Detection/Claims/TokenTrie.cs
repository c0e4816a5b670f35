namespace Weir.Detection.Claims;

/// <summary>Builds a <see cref="TokenAutomaton"/>'s tables: trie, failure links filled into the table, accepting states moved to the end.</summary>
internal sealed class TokenTrie
{
    private readonly int _width;
    private readonly List<int[]> _children = [];
    private readonly List<List<ushort>> _ends = [];

    public TokenTrie(Pattern[] patterns, byte[] classOf, int width)
    {
        _width = width;
        AddNode();
        for (int p = 0; p < patterns.Length; p++)
        {
            int node = 0;
            foreach (char c in patterns[p].Text)
            {
                ref int child = ref _children[node][classOf[char.ToLowerInvariant(c)]];
                node = child != 0 ? child : child = AddNode();
            }
            _ends[node].Add((ushort)p);
        }
        if (_children.Count > ushort.MaxValue)
            throw new InvalidOperationException($"The patterns need {_children.Count} states; at most {ushort.MaxValue} fit the table.");
    }

    public (ushort[] Next, int FirstAccepting, int[] OutputStart, ushort[] Outputs) Compile()
    {
        var order = FillTransitions();
        var number = Renumber(order, out int firstAccepting);
        var next = new ushort[_children.Count * _width];
        List<int> outputStart = [0];
        List<ushort> outputs = [];
        foreach (int node in order.OrderBy(n => number[n]))
        {
            for (int c = 0; c < _width; c++)
                next[(number[node] * _width) + c] = (ushort)number[_children[node][c]];
            if (number[node] < firstAccepting)
                continue;
            outputs.AddRange(_ends[node]);
            outputStart.Add(outputs.Count);
        }
        return (next, firstAccepting, outputStart.ToArray(), outputs.ToArray());
    }

    // Breadth first, so that a node's failure link, which is shallower, is complete when the node is reached.
    private List<int> FillTransitions()
    {
        var failure = new int[_children.Count];
        List<int> order = [0];
        for (int i = 0; i < order.Count; i++)
        {
            int node = order[i];
            _ends[node].AddRange(node == 0 ? [] : _ends[failure[node]]);
            for (int c = 0; c < _width; c++)
            {
                int child = _children[node][c];
                int fallback = node == 0 ? 0 : _children[failure[node]][c];
                if (child == 0)
                {
                    _children[node][c] = fallback;
                    continue;
                }
                failure[child] = fallback;
                order.Add(child);
            }
        }
        return order;
    }

    private int[] Renumber(List<int> order, out int firstAccepting)
    {
        var number = new int[_children.Count];
        int next = 0;
        foreach (int node in order.Where(n => _ends[n].Count == 0))
            number[node] = next++;
        firstAccepting = next;
        foreach (int node in order.Where(n => _ends[n].Count > 0))
            number[node] = next++;
        return number;
    }

    private int AddNode()
    {
        _children.Add(new int[_width]);
        _ends.Add([]);
        return _children.Count - 1;
    }
}
