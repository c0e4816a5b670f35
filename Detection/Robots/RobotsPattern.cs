using System.Buffers;

namespace Weir.Detection.Robots;

/// <summary>The path of a rule, where <c>*</c> stands for any octets and a last <c>$</c> for the path's end (RFC 9309 §2.2.3).</summary>
/// <remarks>
/// Cut at its stars, a pattern matches when its pieces are found one behind the other, each at the first place it is found: a later place
/// never leaves more room for the rest. So nothing is tried twice, however many stars a hostile pattern holds.
/// </remarks>
internal sealed class RobotsPattern
{
    private readonly byte[][] _pieces;
    private readonly bool _isToEnd;

    /// <summary>Reads the value of a rule.</summary>
    public RobotsPattern(ReadOnlySpan<byte> value)
    {
        _isToEnd = value.Length > 0 && value[^1] == '$';
        if (_isToEnd)
            value = value[..^1];
        var pieces = new List<byte[]>();
        var piece = new ArrayBufferWriter<byte>();
        int stars = 0;
        bool isQuery = false;
        for (int i = 0; i < value.Length;)
        {
            if (value[i] != '*')
            {
                i += RobotsOctets.Write(value[i..], piece, ref isQuery);
                continue;
            }
            // Two stars in a row say no more than one.
            if (pieces.Count == 0 || piece.WrittenCount > 0)
                pieces.Add(piece.WrittenSpan.ToArray());
            piece.ResetWrittenCount();
            stars++;
            i++;
        }
        pieces.Add(piece.WrittenSpan.ToArray());
        _pieces = [.. pieces];
        Octets = _pieces.Sum(p => p.Length) + stars + (_isToEnd ? 1 : 0);
    }

    /// <summary>How specific it is: of several rules that match, the one with the most octets decides. 0 decides nothing.</summary>
    public int Octets { get; }

    /// <summary>Whether a path matches.</summary>
    /// <param name="path">From <see cref="RobotsOctets.OfPath"/>.</param>
    public bool Matches(ReadOnlySpan<byte> path)
    {
        if (!path.StartsWith(_pieces[0]))
            return false;
        path = path[_pieces[0].Length..];
        if (_pieces.Length == 1)
            return !_isToEnd || path.Length == 0;
        for (int i = 1; i < _pieces.Length - 1; i++)
        {
            int at = path.IndexOf(_pieces[i]);
            if (at < 0)
                return false;
            path = path[(at + _pieces[i].Length)..];
        }
        return _isToEnd ? path.EndsWith(_pieces[^1]) : path.IndexOf(_pieces[^1]) >= 0;
    }
}
