using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Weir.Detection;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Origins;

/// <summary>Writes what differs between the request as it came and as the origin gets it: target, host, who asked, what is stripped.</summary>
/// <remarks>No Via header is added: RFC 9110 asks gateways for one, but common origins stop compressing when they see it
/// (nginx: gzip_proxied), and nothing reads it.</remarks>
internal sealed class OriginRequest(LoopMark loop, ForwardedHeaders forwarded)
{
    /// <summary>Leaves a target as it is.</summary>
    internal static readonly UriCreationOptions AsSent = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Finishes a request whose headers were copied.</summary>
    public void Finish(RequestContext r, HttpRequestMessage message)
    {
        var request = r.Http.Request;
        var headers = message.Headers;
        // The target is appended as sent: a Uri of its own would resolve "..", decode escapes and change what is asked for.
        string target = r.Site.Rewrite is { } rewrite ? rewrite.TargetOf(r.PathAndQuery, r.PathLength) : r.PathAndQuery;
        message.RequestUri = new Uri(r.Origin!.Prefix + target, in AsSent);
        Strip(request.Headers, headers, r.Connection.IsPeerTrusted);
        // YARP leaves this out as if it concerned one hop; it is a preference for the origin.
        Copy(request.Headers, headers, "Upgrade-Insecure-Requests");

        headers.Host = HostOf(r);
        headers.TryAddWithoutValidation(LoopMark.Header, loop.Value);
        forwarded.Write(r, headers, request.Headers.Host.ToString());
        if (r.Policy.Action == PolicyAction.Tag)
            WriteTags(r, headers);
        r.Body.Fill?.WriteValidators(headers);
    }

    /// <summary>The Host header that the origin gets.</summary>
    public static string HostOf(RequestContext r)
    {
        if (r.Site.Rewrite?.Host is { } own)
            return own;
        string host = r.Http.Request.Headers.Host.ToString();
        return r.Site.Settings.PassHost && host.Length > 0 ? host : r.Origin!.Authority;
    }

    // Whatever the client sent under these names was stripped before.
    // What is added here belongs into CachedRequest.TagsOf too, or the cache gives one client's answer to another.
    private static void WriteTags(RequestContext r, HttpRequestHeaders headers)
    {
        var verdict = r.Verdict;
        if (r.Place.Country.IsKnown)
            headers.TryAddWithoutValidation("X-Weir-Country", r.Place.Country.Code);
        if (verdict.Crawler is { } crawler)
            headers.TryAddWithoutValidation("X-Weir-Crawler", crawler.Id);
        headers.TryAddWithoutValidation("X-Weir-Identity", verdict.Identity.ToName());
        headers.TryAddWithoutValidation("X-Weir-Purpose", verdict.Purpose.ToName());
        headers.TryAddWithoutValidation("X-Weir-Score", verdict.Score.ToString(CultureInfo.InvariantCulture));
    }

    private static void Strip(IHeaderDictionary sent, HttpRequestHeaders headers, bool isPeerTrusted)
    {
        foreach (var (name, _) in sent)
        {
            if (IsReserved(name) || (!isPeerTrusted && ForwardedHeaders.TellsOfClient(name)) || (name.Contains('_') && IsTwin(name.Replace('_', '-'))))
                headers.Remove(name);
        }
        StripNamed(sent.Connection, headers);
    }

    // What Connection names concerns this hop only (RFC 9110 section 7.6.1). What frames and describes the body, or names the host, never
    // does, whatever a client says: without it the rest would mean something else to the origin.
    private static void StripNamed(in StringValues connection, HttpRequestHeaders headers)
    {
        foreach (string? value in connection)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                var name = value.AsSpan()[range].Trim();
                if (!name.IsEmpty && !IsEndToEnd(name) && !IsCommonOption(name) && IsToken(name))
                    headers.Remove(name.ToString());
            }
        }
    }

    // Besides Host, those that .NET keeps with the content.
    private static bool IsEndToEnd(ReadOnlySpan<char> name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Allow", StringComparison.OrdinalIgnoreCase) || name.Equals("Expires", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Last-Modified", StringComparison.OrdinalIgnoreCase);

    private static bool IsCommonOption(ReadOnlySpan<char> name) =>
        name.Equals("keep-alive", StringComparison.OrdinalIgnoreCase) || name.Equals("close", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text is a token (RFC 9110 section 5.6.2); an empty one counts as one.</summary>
    public static bool IsToken(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c))
                return false;
        }
        return true;
    }

    // X-Weir-* is what the edge says; Proxy would become HTTP_PROXY in a CGI program (httpoxy).
    private static bool IsReserved(string name) =>
        name.StartsWith("X-Weir-", StringComparison.OrdinalIgnoreCase) || name.Equals("Proxy", StringComparison.OrdinalIgnoreCase);

    // CGI, WSGI and PHP turn dashes into underscores, and so read X_Forwarded_For as the header that the edge writes.
    private static bool IsTwin(string name) =>
        IsReserved(name) || ForwardedHeaders.TellsOfClient(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase);

    private static void Copy(IHeaderDictionary sent, HttpRequestHeaders headers, string name)
    {
        if (sent.TryGetValue(name, out var value))
            headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!);
    }
}
