namespace Weir.Proxy.Policies;

/// <summary>A path of a rule, written as in robots.txt: a prefix, <c>*</c> for anything, a last <c>$</c> for the path's end. Immutable.</summary>
/// <remarks>Its pieces between stars are looked for one behind the other, each at its first place, so that no text costs more than one walk.</remarks>
internal sealed class PathPattern
{
    private readonly string[] _pieces;
    private readonly bool _isToEnd;

    public PathPattern(string pattern)
    {
        _isToEnd = pattern.EndsWith('$');
        if (_isToEnd)
            pattern = pattern[..^1];
        // Compared with normal paths, so it must be one; stars and dots in it stay.
        char[] buffer = new char[pattern.Length];
        _pieces = NormalPath.Of(pattern, buffer).ToString().Split('*');
    }

    /// <summary>Whether a normal path matches. Allocates nothing.</summary>
    public bool Matches(ReadOnlySpan<char> path)
    {
        if (!path.StartsWith(_pieces[0], StringComparison.Ordinal))
            return false;
        path = path[_pieces[0].Length..];
        if (_pieces.Length == 1)
            return !_isToEnd || path.IsEmpty;
        for (int i = 1; i < _pieces.Length - 1; i++)
        {
            int at = path.IndexOf(_pieces[i], StringComparison.Ordinal);
            if (at < 0)
                return false;
            path = path[(at + _pieces[i].Length)..];
        }
        return _isToEnd ? path.EndsWith(_pieces[^1], StringComparison.Ordinal) : path.IndexOf(_pieces[^1], StringComparison.Ordinal) >= 0;
    }
}
