using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Weir.Analytics.Api.Access;
using Weir.Analytics.Api.Hosting;
using Weir.Scheduling;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>What the endpoints of scheduling share.</summary>
internal static class SchedulingAccess
{
    /// <summary>The data that the request's caller opens.</summary>
    public static Reach Reach(this HttpContext http)
    {
        var caller = http.Caller();
        return new Reach(caller.Tenant, caller.Sites);
    }

    /// <summary>The scans that the caller may hold: who runs the installation leases for every tenant, and the fencing token says that it did.</summary>
    public static Reach HolderReach(this HttpContext http) => http.Caller().RunsInstallation ? Scheduling.Reach.All : http.Reach();

    /// <summary>A number from an earlier answer; 0 when absent.</summary>
    public static long Number(this QueryCheck check, string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 0;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return number;
        check.Error(name, $"'{name}' must be the 'next' of an earlier answer, as it was given.");
        return 0;
    }

    /// <summary>Something that does not exist or is another tenant's: answered alike.</summary>
    public static ProblemHttpResult NoSuch(string what, long id) => Problems.Make(404, $"{what}-unknown", $"No such {what}",
        $"This key knows no {what} {id}.", $"List them with GET /v1/{what}s.");
}
