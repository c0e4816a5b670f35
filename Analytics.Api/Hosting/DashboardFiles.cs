using System.Collections.Frozen;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Weir.Analytics.Api.Hosting;

/// <summary>The built dashboard, held in memory in three encodings. It is part of the assembly: no path of a request ever reaches the disk.</summary>
internal sealed class DashboardFiles
{
    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".json"] = "application/json",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Addresses of views: one page, whose script reads from the address what to show.</summary>
    internal static readonly string[] Views =
    [
        "/", "/alerts", "/crawler", "/crawlers", "/hits", "/identity", "/live", "/pages", "/policy", "/referrals", "/report", "/robots", "/scans",
        "/settings", "/start",
    ];

    private readonly FrozenDictionary<string, Asset> _byPath;

    public DashboardFiles(ILogger<DashboardFiles> log)
    {
        var files = new Dictionary<string, Asset>(StringComparer.Ordinal);
        var assembly = typeof(DashboardFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("dashboard/", StringComparison.Ordinal)))
        {
            using var packed = assembly.GetManifestResourceStream(name)!;
            byte[] bytes = new byte[packed.Length];
            packed.ReadExactly(bytes);
            files[name["dashboard".Length..]] = Asset.Of(Path.GetExtension(name), bytes);
        }
        if (!files.TryGetValue("/index.html", out var page))
        {
            log.DashboardMissing();
            page = Asset.Of(".html", Encoding.UTF8.GetBytes(Missing));
        }
        foreach (string view in Views)
            files[view] = page;
        _byPath = files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Whether the page itself is at this path.</summary>
    public static bool IsPage(PathString path) => Views.Contains(path.Value, StringComparer.Ordinal);

    /// <summary>Routes of the page and its assets.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (string route in (string[])[.. Views, "/assets/{**file}", "/favicon.svg", "/favicon.ico"])
        {
            app.MapMethods(route, [HttpMethods.Get, HttpMethods.Head], (HttpContext http, DashboardFiles files) => files.SendAsync(http))
                .ExcludeFromDescription();
        }
    }

    private async Task SendAsync(HttpContext http)
    {
        string path = http.Request.Path.Value ?? "/";
        if (!_byPath.TryGetValue(path, out var asset))
        {
            await Problems.NotFound().ExecuteAsync(http);
            return;
        }
        var headers = http.Response.Headers;
        // Vite puts a hash of the content into the names below assets/.
        headers.CacheControl = path.StartsWith("/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ETag = asset.Tag;
        headers.Vary = "Accept-Encoding";
        if (http.Request.Headers.IfNoneMatch.Any(t => t is not null && t.Contains(asset.Tag, StringComparison.Ordinal)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        string accepted = http.Request.Headers.AcceptEncoding.ToString();
        var (bytes, encoding) = accepted.Contains("br", StringComparison.Ordinal) ? (asset.Brotli, "br")
            : accepted.Contains("gzip", StringComparison.Ordinal) ? (asset.Gzip, "gzip")
            : (asset.Plain, null);
        if (encoding is not null)
            headers.ContentEncoding = encoding;
        http.Response.ContentType = asset.Type;
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private const string Missing = """
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Weir</title>
        <h1>The dashboard is not built</h1>
        <p>Install Node.js 20 or later with npm, then build Weir again. The API works without it: see <a href="/docs">its reference</a>.</p></html>
        """;

    private sealed record Asset(string Type, string Tag, byte[] Plain, byte[] Brotli, byte[] Gzip)
    {
        public static Asset Of(string extension, byte[] bytes) => new(
            Types.GetValueOrDefault(extension, "application/octet-stream"),
            $"\"{Convert.ToHexStringLower(XxHash128.Hash(bytes))}\"",
            bytes,
            Compress(bytes, s => new BrotliStream(s, new BrotliCompressionOptions { Quality = 9 })),
            Compress(bytes, s => new GZipStream(s, CompressionLevel.SmallestSize)));

        private static byte[] Compress(byte[] bytes, Func<Stream, Stream> with)
        {
            using var packed = new MemoryStream();
            using (var stream = with(packed))
                stream.Write(bytes);
            return packed.ToArray();
        }
    }
}
