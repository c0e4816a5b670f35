using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection;
using Weir.Proxy.OwnEndpoints;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Beacon;

/// <summary>Puts the beacon's tag into pages as they pass, where the site asks so. Changes nothing where it is not sure that it may. Safe from any
/// thread.</summary>
internal sealed class BeaconInjection(OwnPageMetrics metrics)
{
    // Packed pages are packed anew, which takes memory and time; beyond so many at once they pass as they are.
    private const int PackedAtOnceMax = 64;

    private static readonly string[] Seals = ["Content-MD5", "Digest", "Content-Digest", "Repr-Digest", "Signature"];

    private int _packed;

    /// <summary>Changes the answer whose headers were copied, if it is a page to be tagged.</summary>
    public void Tag(RequestContext r, HttpResponseMessage answer)
    {
        if (r.Host?.Site.Settings.Beacon.Mode != BeaconMode.Inject || !IsPage(r))
            return;
        var headers = r.Http.Response.Headers;
        string encoding = headers.ContentEncoding.ToString();
        bool isPacked = encoding.Length > 0;
        if (isPacked && encoding is not ("gzip" or "br"))
            metrics.BeaconPage("encoding");
        else if (!ScriptPermission.Allows(headers.ContentSecurityPolicy) || !ScriptPermission.Allows(headers.ContentSecurityPolicyReportOnly))
            metrics.BeaconPage("policy");
        else if (isPacked && Interlocked.Increment(ref _packed) > PackedAtOnceMax)
            Pass();
        else
            Change(r, answer, headers, encoding);
    }

    private void Pass()
    {
        Interlocked.Decrement(ref _packed);
        metrics.BeaconPage("busy");
    }

    private void Change(RequestContext r, HttpResponseMessage answer, IHeaderDictionary headers, string encoding)
    {
        var closed = encoding.Length > 0 ? OnlyOnce(() => Interlocked.Decrement(ref _packed)) : null;
        answer.Content = new TaggedContent(answer.Content, page =>
        {
            if (encoding.Length == 0)
                return Tagged(r, page);
            Stream plain = encoding == "br" ? new BrotliStream(page, CompressionMode.Decompress) : new GZipStream(page, CompressionMode.Decompress);
            return new PackedStream(Tagged(r, plain), encoding == "br", closed!);
        }, closed);
        // Not the origin's bytes any more: of no known length, no ranges, and equal in meaning only.
        headers.ContentLength = null;
        headers.AcceptRanges = default;
        if (headers.ETag is { Count: 1 } tag && tag.ToString().StartsWith('"'))
            headers.ETag = $"W/{tag}";
    }

    // The reader closes the stream, or the answer is dropped before anybody reads.
    private static Action OnlyOnce(Action action)
    {
        int times = 0;
        return () =>
        {
            if (Interlocked.Exchange(ref times, 1) == 0)
                action();
        };
    }

    private TaggedStream Tagged(RequestContext r, Stream page) => new(page, (scanner, isTagged) =>
    {
        r.OfferedScript = isTagged;
        metrics.BeaconPage(isTagged ? "tagged" : scanner.MetPolicy ? "policy" : "no-place");
    });

    private static bool IsPage(RequestContext r)
    {
        var (request, response) = (r.Http.Request, r.Http.Response);
        return HttpMethods.IsGet(request.Method) && response.StatusCode == StatusCodes.Status200OK && r.Verdict.Kind != VerdictKind.Crawler
            && !HttpProtocol.IsHttp10(request.Protocol) && IsNavigation(request.Headers) && IsOpenHtml(response.Headers);
    }

    // Whoever asks by script gets a piece of a page, or wants the bytes as they are.
    private static bool IsNavigation(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Dest"] is { Count: 0 } or ["document"] && headers["Sec-Fetch-Mode"] is { Count: 0 } or ["navigate"]
        && headers.XRequestedWith.Count == 0 && headers.Range.Count == 0 && !headers.ContainsKey("HX-Request") && !headers.ContainsKey("Turbo-Frame");

    private static bool IsOpenHtml(IHeaderDictionary headers)
    {
        string type = headers.ContentType.ToString();
        return type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) && (type.Length == 9 || type[9] is ';' or ' ') && IsAsciiBased(type)
            && headers.ContentRange.Count == 0 && !headers.CacheControl.ToString().Contains("no-transform", StringComparison.OrdinalIgnoreCase)
            && !headers.ContentDisposition.ToString().StartsWith("attachment", StringComparison.OrdinalIgnoreCase)
            && !Array.Exists(Seals, headers.ContainsKey);
    }

    private static bool IsAsciiBased(string type)
    {
        int at = type.IndexOf("charset", StringComparison.OrdinalIgnoreCase);
        var charset = at < 0 ? "" : type[at..];
        return !charset.Contains("utf-16", StringComparison.OrdinalIgnoreCase) && !charset.Contains("utf-32", StringComparison.OrdinalIgnoreCase)
            && !charset.Contains("utf-7", StringComparison.OrdinalIgnoreCase) && !charset.Contains("2022", StringComparison.Ordinal)
            && !charset.Contains("hz-gb", StringComparison.OrdinalIgnoreCase) && !charset.Contains("unicode", StringComparison.OrdinalIgnoreCase);
    }
}
