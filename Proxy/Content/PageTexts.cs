using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Weir.Detection.Content;
using Weir.Ingest;

namespace Weir.Proxy.Content;

/// <summary>Keeps the texts of pages: remembers which it gave to the store, so that a text travels when it changed, and once a day while its page is
/// fetched, since what the store has may have been deleted by age. For one thread.</summary>
internal sealed class PageTexts
{
    // About 80 bytes each with its place in the queue: 16 MB. A page that was forgotten is stored once more, in the place of its row.
    private const int Capacity = 200_000;
    private const long KeptMs = 24 * 60 * 60 * 1000;

    private readonly RecentKeys<ulong, (ulong Hash, ulong SimHash, ulong TitleHash, long TimeMs)> _kept = new(Capacity);

    /// <summary>Whether the store has what the page shows, but for a date or a counter.</summary>
    public bool IsKept(ContentSighting fetch, PageFigures page) =>
        _kept.TryFind(KeyOf(fetch), out var kept) && fetch.TimeMs - kept.TimeMs < KeptMs && kept.TitleHash == page.TitleHash
        && ContentComparison.Compare(kept.Hash, kept.SimHash, page.Hash, page.SimHash) is ContentChange.Same or ContentChange.Boilerplate;

    /// <summary>Gives a page's text to the store, where it has another one.</summary>
    public void Keep(ContentSighting fetch, PageFigures page, ContentReading reading, IContentSink sink)
    {
        if (IsKept(fetch, page))
            return;
        string text = reading.MainText.Length <= PageText.CharactersMax ? reading.MainText : reading.MainText[..PageText.CharactersMax];
        bool isTaken = sink.TryWrite(new PageText
        {
            TimeMs = fetch.TimeMs,
            Site = fetch.Site,
            Host = fetch.Host,
            Path = fetch.Path,
            Title = reading.Title,
            Text = text,
            Hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes($"{reading.Title}\0{text}".AsSpan())),
        });
        if (isTaken)
            _kept.Set(KeyOf(fetch), (page.Hash, page.SimHash, page.TitleHash, fetch.TimeMs));
    }

    private static ulong KeyOf(ContentSighting fetch) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{fetch.Site}\0{fetch.Host}\0{fetch.Path}"));
}
