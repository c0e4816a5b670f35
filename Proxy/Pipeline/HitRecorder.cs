using System.Text;
using Weir.Ingest;
using Weir.Proxy.Sites;

namespace Weir.Proxy.Pipeline;

/// <summary>Step 9: makes the hit and hands it over. Never blocks, never throws; allocates only where a text must be cut or decoded.</summary>
internal sealed class HitRecorder(IHitSink sink, EdgeMetrics metrics)
{
    /// <summary>Longest stored path and query; longer ones are cut.</summary>
    public const int PathMax = 4096;

    /// <summary>Longest stored user agent and referrer: what Detection reads of them.</summary>
    public const int HeaderMax = 2048;

    /// <summary>Longest stored method; registered ones have up to 17 letters.</summary>
    public const int MethodMax = 32;

    /// <summary>Records the request as it ended.</summary>
    public void Record(RequestContext r)
    {
        var request = r.Http.Request;
        var response = r.Http.Response;
        var elapsed = r.Elapsed;
        var hit = new Hit
        {
            TimeMs = r.TimeMs,
            Site = r.Site.Settings.Id,
            HitId = r.HitId,
            Source = HitSource.Edge,
            ClientAddress = r.ClientAddress,
            AddressForm = r.Site.Settings.Privacy.Addresses,
            Method = Bound(request.Method, MethodMax),
            Host = HostOf(r),
            PathText = PathOf(r),
            QueryText = QueryOf(r),
            HttpVersion = Classification.HttpVersionOf(request.Protocol),
            // A client that left before the first byte was told nothing, whatever status had been prepared for it.
            Status = r.Error == EdgeError.ClientAborted && !response.HasStarted ? (ushort)0 : (ushort)response.StatusCode,
            BytesSent = (ulong)r.Body.Bytes,
            DurationUs = (uint)Math.Clamp(elapsed.TotalMicroseconds, 0, uint.MaxValue),
            EdgeUs = (uint)Math.Clamp((elapsed - r.OriginTime).TotalMicroseconds, 0, uint.MaxValue),
            Country = r.Place.Country,
            Asn = r.Place.Asn,
            UserAgent = HeaderText(request.Headers.UserAgent.ToString()),
            Referrer = HeaderText(request.Headers.Referer.ToString()),
            Error = r.Error.Word(),
            Verdict = r.Verdict,
            PolicyRule = r.Policy.Rule?.Name,
            PolicyAction = r.Policy.Action,
            DryRunRule = r.Policy.DryRunRule?.Name,
            DryRunAction = r.Policy.DryRunAction,
            Cache = r.Cache,
        };
        sink.TryWrite(in hit);
        metrics.Answered(hit.Status, r.Error, elapsed);
    }

    /// <summary>The host asked, as it is stored.</summary>
    internal static string HostOf(RequestContext r)
    {
        var host = r.Host!;
        if (host.IsExact)
            return host.Host;
        var name = HostName.Normalize(r.Http.Request.Headers.Host.ToString());
        return name.Length <= HostName.MaxLength ? name.ToString().ToLowerInvariant() : name[..HostName.MaxLength].ToString().ToLowerInvariant();
    }

    /// <summary>The path asked, as it is stored; a part of the target.</summary>
    internal static ReadOnlyMemory<char> PathOf(RequestContext r) => r.PathAndQuery.AsMemory(0, Math.Min(r.PathLength, PathMax));

    /// <summary>The query asked, as it is stored; a part of the target.</summary>
    internal static ReadOnlyMemory<char> QueryOf(RequestContext r)
    {
        int start = r.PathAndQuery.Length - r.Query.Length;
        return r.PathAndQuery.AsMemory(start, Math.Min(r.Query.Length, PathMax));
    }

    private static string Bound(string text, int max) => text.Length <= max ? text : text[..max];

    // Header bytes are carried as Latin-1, so that they reach the origin unchanged; people are shown what UTF-8 makes of them.
    private static string HeaderText(string value)
    {
        value = Bound(value, HeaderMax);
        return Ascii.IsValid(value) ? value : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(value));
    }
}
