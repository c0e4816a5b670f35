using Microsoft.AspNetCore.Http;

namespace Weir.Proxy.Caching;

/// <summary>Judges what a client says it holds against a kept answer (RFC 9110 §13.1, RFC 9111 §4.3.2).</summary>
internal static class Preconditions
{
    /// <summary>Whether the client holds this answer already. If-None-Match counts alone where it is sent.</summary>
    public static bool IsNotModified(IHeaderDictionary request, StoredAnswer answer)
    {
        if (answer.Status != StatusCodes.Status200OK)
            return false;
        if (request.IfNoneMatch.Count > 0)
            return Names(request.IfNoneMatch.ToString(), answer.ETag);
        return Storability.TimeOf(request.IfModifiedSince) is { } since && Storability.TimeOf(answer.LastModified) is { } changed && changed <= since;
    }

    /// <summary>An entity tag without the mark of weakness.</summary>
    public static ReadOnlySpan<char> WithoutWeakness(ReadOnlySpan<char> tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;

    // Tags may hold commas, so the list is not cut at them.
    private static bool Names(ReadOnlySpan<char> list, string tag)
    {
        if (list.Trim(" \t") is "*")
            return true;
        var wanted = WithoutWeakness(tag);
        while (wanted.Length > 0)
        {
            list = list.TrimStart(" \t,");
            if (list.IsEmpty)
                return false;
            list = WithoutWeakness(list);
            int end = list[0] == '"' ? list[1..].IndexOf('"') + 2 : list.IndexOf(',');
            if (end is < 2 && list[0] == '"' || end < 0)
                end = list.Length;
            if (list[..end].TrimEnd(" \t").SequenceEqual(wanted))
                return true;
            list = list[end..];
        }
        return false;
    }
}
