using System.IO.Hashing;
using System.Text;
using Weir.Detection.Content;
using Weir.Ingest;

namespace Weir.Proxy.Content;

/// <summary>Remembers what each reader last saw of each page, for as many pages as fit: the oldest is forgotten first. For one thread.</summary>
/// <remarks>The store has all sightings; this only spares asking it. After a restart every page is seen for the first time again.</remarks>
internal sealed class ContentMemory
{
    // About 70 bytes each with its place in the queue: 14 MB.
    private const int Capacity = 200_000;

    private readonly RecentKeys<ulong, (ulong Hash, ulong SimHash)> _last = new(Capacity);

    /// <summary>Compares what a page shows with the reader's last one of the same page, and remembers it.</summary>
    /// <param name="fetch">Names the page.</param>
    /// <param name="reader">Who reads; empty for anyone.</param>
    /// <param name="page">What the page shows.</param>
    public ContentChange Compare(ContentSighting fetch, string reader, PageFigures page)
    {
        ulong key = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{fetch.Site}\0{fetch.Host}\0{fetch.Path}\0{fetch.Query}\0{reader}"));
        var change = _last.TryFind(key, out var last)
            ? ContentComparison.Compare(last.Hash, last.SimHash, page.Hash, page.SimHash) : ContentChange.FirstSeen;
        _last.Set(key, (page.Hash, page.SimHash));
        return change;
    }
}
