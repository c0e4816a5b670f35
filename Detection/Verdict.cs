using Weir.Detection.Catalog;

namespace Weir.Detection;

/// <summary>Detection's whole answer for one request. Small, immutable, refers only to catalog objects that live on.</summary>
public readonly record struct Verdict
{
    /// <summary>What sort of client this is.</summary>
    public VerdictKind Kind { get; init; }

    /// <summary>The crawler that the request says it is; null when it claims none.</summary>
    public Crawler? Crawler { get; init; }

    /// <summary>Why that crawler fetches; <see cref="Detection.Purpose.None"/> without a claim.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>What checking the claim gave.</summary>
    public Identity Identity { get; init; }

    /// <summary>How the claim was checked.</summary>
    public IdentityMethod IdentityMethod { get; init; }

    /// <summary>The range list that judged the claim, as <c>file@version</c>; null when none did.</summary>
    public string? RangeList { get; init; }

    /// <summary>How automated, 0 (a person) to 100 (a program).</summary>
    public byte Score { get; init; }

    /// <summary>How sure, 0 to 1.</summary>
    public float Confidence { get; init; }

    /// <summary>Every reason that shaped this verdict.</summary>
    public ReasonSet Reasons { get; init; }

    /// <summary>Whether an unknown proxy left marks on the request, so that evidence which may be the proxy's doing counts half.</summary>
    public bool IsProxied { get; init; }

    /// <summary>What sort of page sent a person here.</summary>
    public ReferralClass ReferralClass { get; init; }

    /// <summary>The answer engine, search engine or network that sent them; null without one.</summary>
    public string? ReferralSource { get; init; }

    /// <summary>Whether the client is a program: a crawler or other automation.</summary>
    public bool IsAutomated => Kind is VerdictKind.Crawler or VerdictKind.Automation;
}
