using System.IO.Compression;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection;
using Weir.Detection.Robots;
using Weir.Ingest;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Robots;

/// <summary>Step 8 for files that speak to programs: keeps robots.txt as it is served, whoever writes it, and counts who reads llms.txt.</summary>
/// <remarks>A request is copied as it passes, at most 500 KiB, and compared with the version before by a reader of its own.</remarks>
internal sealed class TextFileWatch(OwnPageMetrics metrics, TimeProvider time, ILogger<TextFileWatch> log, IRobotsSink? sink = null) : BackgroundService
{
    private const int Waiting = 64;

    // Hosts whose newest file is remembered; with wildcards anybody can name new ones. Forgetting costs one question of the store's.
    private const int RememberedMax = 10_000;

    // An owner edits a file a few times; more is a file that is written anew for each request.
    private const int ChangesAnHourMax = 12;

    private readonly Channel<Served> _channel = Channel.CreateBounded<Served>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly Dictionary<(SiteId Site, string Host), Known> _known = [];

    /// <summary>Begins to watch an answer. Costs a look at the path's end for all other requests.</summary>
    public void Watch(RequestContext r)
    {
        var path = r.Path;
        if (!path.EndsWith(".txt", StringComparison.Ordinal))
            return;
        if (path is "/robots.txt")
        {
            if (sink is not null && HttpMethods.IsGet(r.Http.Request.Method))
                r.Body.Copy = new BodyCopy(RobotsFile.BytesMax + 1);
        }
        else if (path is "/llms.txt" or "/llms-full.txt" or "/.well-known/llms.txt" or "/.well-known/llms-full.txt")
        {
            metrics.LlmsTxtAsked(r.Verdict);
        }
    }

    /// <summary>Hands over what was served. Only a whole file or its plain absence says what robots.txt is: an error says nothing, and a refusal
    /// (401, 403) may be this client's alone.</summary>
    public void HandOver(RequestContext r)
    {
        if (r.Body.Copy is not { } copy)
            return;
        r.Body.Copy = null;
        int status = r.Http.Response.StatusCode;
        if (r.Error != EdgeError.None || status is not (StatusCodes.Status200OK or StatusCodes.Status404NotFound or StatusCodes.Status410Gone))
            return;
        var served = new Served(r.TimeMs, r.Site.Settings.Id, HitRecorder.HostOf(r), (ushort)status, (byte)r.Site.Settings.Robots.Mode,
            r.Http.Response.Headers.ContentEncoding.ToString(), status == StatusCodes.Status200OK ? copy.Bytes : default);
        if (!_channel.Writer.TryWrite(served))
            metrics.RobotsVersionShed("queue-full");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var served in _channel.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                Compare(served);
            }
            // One file must not end the watch of all others.
            catch (Exception e)
            {
                metrics.RobotsVersionShed("defect");
                log.RobotsNotKept(e);
            }
        }
    }

    private void Compare(Served served)
    {
        if (!TryUnpack(served, out var text))
        {
            metrics.RobotsVersionShed("encoding");
            return;
        }
        string hash = served.Status == StatusCodes.Status200OK ? Convert.ToHexStringLower(SHA256.HashData(text.Span)) : "";
        var known = _known.GetValueOrDefault((served.Site, served.Host));
        if (known?.Hash == hash)
            return;
        var now = time.GetUtcNow();
        var hour = known is not null && now - known.HourBegan < TimeSpan.FromHours(1) ? known.HourBegan : now;
        int changes = hour == known?.HourBegan ? known.Changes + 1 : 1;
        if (changes > ChangesAnHourMax)
        {
            metrics.RobotsVersionShed("changes-too-often");
            return;
        }
        if (_known.Count >= RememberedMax)
            _known.Clear();
        bool isTaken = sink!.TryWrite(new RobotsSighting
        {
            TimeMs = served.TimeMs,
            Site = served.Site,
            Host = served.Host,
            Status = served.Status,
            Mode = served.Mode,
            Hash = hash,
            Text = text,
        });
        // What was lost must be told again by the next request.
        if (isTaken)
            _known[(served.Site, served.Host)] = new Known(hash, hour, changes);
    }

    private static bool TryUnpack(Served served, out ReadOnlyMemory<byte> text)
    {
        text = served.Bytes;
        string encoding = served.Encoding.Trim().ToLowerInvariant();
        if (encoding is "" or "identity" || served.Bytes.IsEmpty)
            return true;
        using var packed = new MemoryStream(served.Bytes.ToArray(), writable: false);
        using Stream? unpacked = encoding switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionMode.Decompress),
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(packed, CompressionMode.Decompress),
            _ => null,
        };
        if (unpacked is null)
            return false;
        byte[] plain = new byte[RobotsFile.BytesMax + 1];
        try
        {
            text = plain.AsMemory(0, unpacked.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false));
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    private sealed record Known(string Hash, DateTimeOffset HourBegan, int Changes);

    private sealed record Served(
        long TimeMs, SiteId Site, string Host, ushort Status, byte Mode, string Encoding, ReadOnlyMemory<byte> Bytes);
}
