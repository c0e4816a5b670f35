using System.Buffers;

namespace Weir.Detection.Identification;

/// <summary>Masks of host names such as <c>*.search.msn.com</c> and <c>crawl-*.googlebot.com</c>, and the names they are compared with.</summary>
internal static class HostMask
{
    private const int NameMax = 253;
    private const int LabelMax = 63;

    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether a mask can be trusted to mean one operator: letters, at most one star, in its first label, and two labels or more
    /// behind it (<c>*.com</c> would be everybody).</summary>
    public static bool IsMask(string mask)
    {
        int dot = mask.IndexOf('.');
        if (dot < 1 || !IsHostName(mask.AsSpan(dot + 1)))
            return false;
        var first = mask.AsSpan(0, dot);
        int star = first.IndexOf('*');
        return star < 0 ? IsHostName(mask)
            : !first[(star + 1)..].ContainsAnyExcept(LabelCharacters) && !first[..star].ContainsAnyExcept(LabelCharacters);
    }

    /// <summary>Whether a text is a host name of two labels or more, in lower case, without its last dot.</summary>
    public static bool IsHostName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > NameMax || name.IndexOf('.') < 0)
            return false;
        foreach (var part in name.Split('.'))
        {
            var label = name[part];
            if (label.Length is 0 or > LabelMax || label.ContainsAnyExcept(LabelCharacters))
                return false;
        }
        return true;
    }

    /// <summary>Whether a name fits a mask. A leading <c>*.</c> stands for one label or more, any other star for a part of its label.</summary>
    /// <param name="mask">A mask that <see cref="IsMask"/> accepts.</param>
    /// <param name="name">A name that <see cref="IsHostName"/> accepts.</param>
    public static bool Matches(ReadOnlySpan<char> mask, ReadOnlySpan<char> name)
    {
        int star = mask.IndexOf('*');
        if (star < 0)
            return mask.SequenceEqual(name);
        var head = mask[..star];
        var tail = mask[(star + 1)..];
        if (name.Length <= head.Length + tail.Length || !name.StartsWith(head) || !name.EndsWith(tail))
            return false;
        // The tail of *.x.y begins with the dot, so evilx.y does not fit; that of a-*b.x.y does not, and must not reach into other labels.
        bool isWholeLabel = head.IsEmpty && tail[0] == '.';
        return isWholeLabel || name[head.Length..^tail.Length].IndexOf('.') < 0;
    }

    /// <summary>Whether a name fits any mask.</summary>
    public static bool MatchesAny(IReadOnlyList<string> masks, string name)
    {
        for (int i = 0; i < masks.Count; i++)
        {
            if (Matches(masks[i], name))
                return true;
        }
        return false;
    }
}
