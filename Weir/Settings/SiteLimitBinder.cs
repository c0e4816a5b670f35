using Weir.Control;
using Weir.Detection;

namespace Weir.Settings;

/// <summary>Reads how much one client may ask of a whole site.</summary>
internal static class SiteLimitBinder
{
    /// <summary>The name under which hits say that it decided; no rule may have it.</summary>
    public const string Name = "site-limit";

    /// <summary>Reads the section; null when it is not given.</summary>
    public static PolicyRule? Bind(Section limit) => limit.Node is null ? null : new PolicyRule
    {
        Name = Name,
        Action = PolicyAction.Limit,
        IsEnforced = PolicyBinder.Mode(limit),
        Limit = new RequestLimit(
            limit.Integer("requests", 1, PolicyBinder.RequestsMax, RequestLimit.RequestsOtherwise),
            limit.Integer("seconds", 1, 86_400, RequestLimit.SecondsOtherwise)),
        Contact = PolicyBinder.Contact(limit),
    };
}
