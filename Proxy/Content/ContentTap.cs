using System.Buffers;

namespace Weir.Proxy.Content;

/// <summary>Keeps a copy of one response body as it passes. Reused from request to request; one writer at a time.</summary>
/// <remarks>Whether the answer is worth a copy is known when its first byte passes: the headers are set by then.</remarks>
internal sealed class ContentTap
{
    private const int FirstBytes = 32 * 1024;

    private ContentQueue? _queue;
    private HttpContentFacts _facts;
    private byte[]? _bytes;
    private int _length;

    /// <summary>Begins to watch a response.</summary>
    public void Arm(ContentQueue queue) => _queue = queue;

    /// <summary>Copies what passes, if it is wanted. Never waits; grows a few times at most.</summary>
    public void Add(ReadOnlySpan<byte> passing, Microsoft.AspNetCore.Http.HttpResponse response)
    {
        if (_queue is null)
            return;
        if (_bytes is null && !TryBegin(response))
        {
            _queue = null;
            return;
        }
        int taken = Math.Min(passing.Length, ContentQueue.BytesMax - _length);
        if (_length + taken > _bytes!.Length)
            Grow(_length + taken);
        passing[..taken].CopyTo(_bytes.AsSpan(_length));
        _length += taken;
    }

    /// <summary>The copy and what the answer's headers say of it; the buffer is the caller's from here on. Null when nothing was copied.</summary>
    public byte[]? Take(out int length, out HttpContentFacts facts)
    {
        var bytes = _bytes;
        (length, facts) = (_length, _facts);
        _queue = null;
        _bytes = null;
        _length = 0;
        _facts = default;
        return bytes;
    }

    private bool TryBegin(Microsoft.AspNetCore.Http.HttpResponse response)
    {
        if (!HttpContentFacts.TryRead(response, out _facts) || !_queue!.TryTakePlace())
            return false;
        _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
        return true;
    }

    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(needed, _bytes!.Length * 4), ContentQueue.BytesMax));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes!);
        _bytes = larger;
    }
}

/// <summary>What the headers of an HTML answer say about its bytes.</summary>
/// <param name="Encoding">Content-Encoding; empty for none.</param>
/// <param name="Charset">The charset of Content-Type; null for none.</param>
internal readonly record struct HttpContentFacts(string Encoding, string? Charset)
{
    /// <summary>False for anything but a whole answer of HTML.</summary>
    public static bool TryRead(Microsoft.AspNetCore.Http.HttpResponse response, out HttpContentFacts facts)
    {
        facts = default;
        string type = response.Headers.ContentType.ToString();
        if (response.StatusCode != 200 || !IsHtml(type))
            return false;
        int charset = type.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        facts = new HttpContentFacts(response.Headers.ContentEncoding.ToString(), charset < 0 ? null : type[(charset + 8)..].Split(';')[0]);
        return true;
    }

    private static bool IsHtml(ReadOnlySpan<char> type)
    {
        int end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        return type.Equals("text/html", StringComparison.OrdinalIgnoreCase) || type.Equals("application/xhtml+xml", StringComparison.OrdinalIgnoreCase);
    }
}
