using Weir.Proxy.Pipeline;

namespace Weir.Proxy.Policies;

/// <summary>What the edge does with a request.</summary>
internal enum PolicyAction : byte
{
    /// <summary>Forwards it as it is and records it.</summary>
    Observe = 0,
}

/// <summary>Step 6: decides what is done with a classified request. Every site observes: nothing is refused for who asks.</summary>
internal static class SitePolicy
{
    /// <summary>The action for a request.</summary>
    public static PolicyAction ActionFor(RequestContext r) => PolicyAction.Observe;
}
