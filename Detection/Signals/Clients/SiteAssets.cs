namespace Weir.Detection.Signals.Clients;

/// <summary>Whether a site serves what its pages are made of from the same host: only then is a page without them any evidence.</summary>
/// <remarks>
/// Pages whose parts come from another host, and plain text sites, are common. 4,096 words, one for each hash of a host: 16 bits of tag, 24 of
/// pages, 24 of parts; hosts that share a word displace each other, which costs evidence and makes none up. Safe from any thread. A
/// lost update is one answer less, so no exchange is tried twice; and a busy site counts one answer in sixteen, so that its word is mostly
/// read and stays in every processor's cache.
/// </remarks>
internal sealed class SiteAssets
{
    private const int PagesMin = 20;
    private const ulong CountMax = (1 << 24) - 1;

    private readonly ulong[] _words = new ulong[4096];

    /// <summary>Counts one answer.</summary>
    /// <param name="hostHash">Hash of the host.</param>
    /// <param name="path">What was asked for.</param>
    /// <param name="chance">Any number that differs from request to request.</param>
    public void Count(ulong hostHash, PathClass path, uint chance)
    {
        bool isPage = path == PathClass.Page;
        if (!isPage && path != PathClass.Asset)
            return;
        ref ulong word = ref _words[hostHash & 0xFFF];
        ulong old = Volatile.Read(ref word), tag = hostHash >> 48;
        ulong pages = old >> 24 & CountMax, assets = old & CountMax;
        if (old >> 48 != tag)
            (pages, assets) = (0, 0);
        else if (pages + assets > 1024 && (chance & 15) != 0)
            return;
        if (pages == CountMax || assets == CountMax)
            (pages, assets) = (pages / 2, assets / 2);
        ulong next = tag << 48 | (isPage ? pages + 1 : pages) << 24 | (isPage ? assets : assets + 1);
        // Whole words only; who loses the race is not counted.
        Interlocked.CompareExchange(ref word, next, old);
    }

    /// <summary>Whether there was one part for every four pages at least, over twenty pages and more.</summary>
    public bool HasAssets(ulong hostHash)
    {
        ulong word = Volatile.Read(ref _words[hostHash & 0xFFF]);
        ulong pages = word >> 24 & CountMax, assets = word & CountMax;
        return word >> 48 == hostHash >> 48 && pages >= PagesMin && assets * 4 >= pages;
    }
}
