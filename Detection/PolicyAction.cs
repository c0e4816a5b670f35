namespace Weir.Detection;

/// <summary>What a rule of a site's policy does with a request, and what became of one. Stored numbers: may grow, never change.</summary>
/// <remarks>Lives here, as <see cref="SiteId"/> does, because settings and hits both name it.</remarks>
public enum PolicyAction : byte
{
    /// <summary>No rule matched.</summary>
    None = 0,

    /// <summary>Passes as if there were no rule; the hit names the rule.</summary>
    Observe = 1,

    /// <summary>Passes, so that no later rule is asked.</summary>
    Allow = 2,

    /// <summary>Passes, and the origin is told who asks.</summary>
    Tag = 3,

    /// <summary>As a rule's action: so many requests in a window. As what became of a request: one too many, 429.</summary>
    Limit = 4,

    /// <summary>403 and a page that says what to do.</summary>
    Block = 5,

    /// <summary>402 and a price.</summary>
    Price = 6,

    /// <summary>Passed within the limit of a rule whose action is <see cref="Limit"/>; no rule's own action.</summary>
    WithinLimit = 7,
}

/// <summary>What can be said of every action.</summary>
public static class PolicyActions
{
    /// <summary>Whether the request does not reach the origin.</summary>
    public static bool IsRefusal(this PolicyAction action) => action is PolicyAction.Limit or PolicyAction.Block or PolicyAction.Price;
}
