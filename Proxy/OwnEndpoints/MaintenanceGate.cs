using System.Globalization;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Proxy.Connection;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.OwnEndpoints;

/// <summary>Stands before a site that is being worked on. Immutable.</summary>
/// <remarks>robots.txt gets the notice too: a crawler that cannot read it keeps to the copy it has (RFC 9309 section 2.3.1.4), while an
/// empty or wrong one would be believed.</remarks>
internal sealed class MaintenanceGate(MaintenanceNotice notice)
{
    private readonly TrustedProxies _allowed = new(notice.Allow);
    private readonly string _retryAfter = notice.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);

    /// <summary>The gate of a site; null when it is open.</summary>
    public static MaintenanceGate? Of(MaintenanceNotice? notice) => notice is null ? null : new(notice);

    /// <summary>Whether a request gets the notice.</summary>
    public bool Stops(RequestContext r) => !_allowed.Contains(r.ClientAddress);

    /// <summary>Answers with the notice.</summary>
    public Task AnswerAsync(RequestContext r)
    {
        r.Error = EdgeError.Maintenance;
        r.Http.Response.Headers.RetryAfter = _retryAfter;
        return ErrorAnswer.WriteAsync(r, StatusCodes.Status503ServiceUnavailable, notice.Message);
    }
}
