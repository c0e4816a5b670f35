using System.Buffers;
using System.IO.Compression;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection;
using Weir.Detection.Content;
using Weir.Ingest;

namespace Weir.Proxy.Content;

/// <summary>The bounded waiting room of copied pages, and the one background reader behind it.</summary>
/// <param name="options">How many copies may exist at once.</param>
/// <param name="metrics">Counts what is read, shed and failed.</param>
/// <param name="log">Defects of the reader.</param>
/// <param name="sink">Takes what pages show; without one, no page is copied.</param>
internal sealed class ContentQueue(EdgeOptions options, EdgeMetrics metrics, ILogger<ContentQueue> log, IContentSink? sink = null) : BackgroundService
{
    /// <summary>Bytes of an answer that are copied, and that they may unpack to.</summary>
    public const int BytesMax = ContentReader.BytesMax;

    private readonly Channel<ContentCopy> _channel = Channel.CreateUnbounded<ContentCopy>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ContentMemory _memory = new();
    private readonly ReadPages _pages = new();
    private readonly PageTexts _texts = new();
    private int _copies;

    /// <summary>Whether anybody wants to know.</summary>
    public bool IsRead => sink is not null && options.ContentSample > 0;

    /// <summary>Takes one of the places that bound the memory of all copies, from a copy's first byte to its being read. False: shed, counted.</summary>
    public bool TryTakePlace()
    {
        if (Interlocked.Increment(ref _copies) <= options.ContentQueueMax)
            return true;
        GiveBackPlace();
        CountShed(ContentShed.QueueFull);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBackPlace() => Interlocked.Decrement(ref _copies);

    /// <summary>Counts a page that is not read.</summary>
    public void CountShed(ContentShed reason) => metrics.ContentShed(reason);

    /// <summary>Hands a copy over; it holds a place already, so the channel needs no bound of its own.</summary>
    public void Add(ContentCopy copy)
    {
        if (_channel.Writer.TryWrite(copy))
            return;
        Release(copy);
        CountShed(ContentShed.Stopped);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _channel.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        while (_channel.Reader.TryRead(out var copy))
        {
            Release(copy);
            CountShed(ContentShed.Stopped);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var copy in _channel.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                Read(copy);
            }
            // A page must not end the reading of all others.
            catch (Exception e)
            {
                metrics.ContentFailed("defect");
                log.ContentNotRead(e);
            }
            finally
            {
                Release(copy);
            }
        }
    }

    private void Read(ContentCopy copy)
    {
        var key = ReadPages.KeyOf(copy);
        ContentReading? reading = null;
        // The same bytes may be those of another page, whose text is not kept yet.
        if (!_pages.TryFind(key, out var figures) || (copy.KeepsText && !_texts.IsKept(copy.Fetch, figures)))
        {
            reading = Parse(copy);
            if (reading is null)
                return;
            _pages.Keep(key, figures = PageFigures.Of(reading));
        }
        if (reading is not null && copy.KeepsText)
            _texts.Keep(copy.Fetch, figures, reading, sink!);
        Tell(copy.Fetch, figures);
    }

    private ContentReading? Parse(ContentCopy copy)
    {
        byte[] page = ArrayPool<byte>.Shared.Rent(BytesMax);
        try
        {
            if (!TryUnpack(copy, page, out int length))
                metrics.ContentFailed("encoding");
            else if (!ContentReader.TryRead(page.AsSpan(0, length), copy.Facts.Charset, out var reading))
                metrics.ContentFailed("too-complex");
            else
                return reading;
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    private void Tell(ContentSighting fetch, PageFigures page)
    {
        // Whoever borrows a crawler's name must not make a page look read by it.
        string reader = fetch.Identity == Identity.Spoofed ? $"{fetch.Crawler} spoofed" : fetch.Crawler;
        sink!.TryWrite(fetch with
        {
            Hash = page.Hash,
            SimHash = page.SimHash,
            Words = page.Words,
            ChangeForCrawler = _memory.Compare(fetch, reader, page),
            ChangeForAnyone = _memory.Compare(fetch, "", page),
            Indicators = page.Indicators,
        });
        metrics.ContentRead();
    }

    // A page that was cut, by us or by its origin, is read as far as it goes.
    private static bool TryUnpack(ContentCopy copy, byte[] page, out int length)
    {
        length = 0;
        using var packed = new MemoryStream(copy.Bytes, 0, copy.Length, writable: false);
        using var unpacked = Unpacker(copy.Facts.Encoding, packed);
        if (unpacked is null)
            return false;
        try
        {
            for (int read; length < BytesMax && (read = unpacked.Read(page, length, BytesMax - length)) > 0;)
                length += read;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException)
        {
            return length > 0;
        }
        return true;
    }

    private static Stream? Unpacker(string encoding, MemoryStream packed) => encoding.Trim().ToLowerInvariant() switch
    {
        "" or "identity" => packed,
        "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
        "br" => new BrotliStream(packed, CompressionMode.Decompress),
        "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
        _ => null,
    };

    private void Release(ContentCopy copy)
    {
        ArrayPool<byte>.Shared.Return(copy.Bytes);
        GiveBackPlace();
    }
}
