using Microsoft.AspNetCore.Http;
using Weir.Detection;
using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Policies;

/// <summary>Step 6: asks the site's rules what is done with a classified request, and answers when it is refused.</summary>
internal sealed class PolicyStep(IRequestLimits limits, EdgeMetrics metrics)
{
    private const string ToPeople =
        "If you are a person, tell the website's owner this request id: it shows them which rule refused you, and they can let you in.";

    /// <summary>Decides; false when the request is refused.</summary>
    public bool LetsPass(RequestContext r)
    {
        var policy = r.Site.Policy;
        if (policy.IsEmpty)
            return true;
        r.Policy = policy.Decide(
            new PolicyFacts
            {
                Verdict = r.Verdict,
                Path = r.Path,
                Method = r.Http.Request.Method,
                ClientAddress = r.ClientAddress,
                Country = r.Place.Country,
                TimeMs = r.TimeMs,
            }, limits);
        metrics.Decided(r.Policy);
        return !r.Policy.Action.IsRefusal();
    }

    /// <summary>Answers a refused request.</summary>
    public static Task RefuseAsync(RequestContext r)
    {
        var rule = r.Policy.Rule!;
        var headers = r.Http.Response.Headers;
        switch (r.Policy.Action)
        {
            case PolicyAction.Limit:
                headers.RetryAfter = r.Policy.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return ErrorAnswer.WriteAsync(r, StatusCodes.Status429TooManyRequests,
                    "Too many requests came from your address in a short time. Please wait a moment and try again.", ToPeople, rule.Contact);
            case PolicyAction.Price:
                headers["crawler-price"] = rule.Price;
                if (rule.Contact is not null)
                    headers.Link = $"<{rule.Contact}>; rel=\"payment\"";
                return ErrorAnswer.WriteAsync(r, StatusCodes.Status402PaymentRequired,
                    $"Programs like this one may read this page at a price: {rule.Price} a request.", ToPeople, rule.Contact);
            default:
                return ErrorAnswer.WriteAsync(r, StatusCodes.Status403Forbidden, "This website does not serve this request.", ToPeople, rule.Contact);
        }
    }
}
