namespace Weir.Detection.Robots;

/// <summary>What a site's owner wants its robots.txt to say, by purpose. Immutable.</summary>
public sealed record RobotsPlan
{
    /// <summary>Groups in order; a crawler belongs to the first that names it.</summary>
    public IReadOnlyList<RobotsPlanRule> Rules { get; init; } = [];

    /// <summary>Content signals such as <c>ai-train=no</c>; null to take them from the rules, empty for none.</summary>
    public IReadOnlyList<string>? Signals { get; init; }

    /// <summary>Absolute addresses of sitemaps.</summary>
    public IReadOnlyList<string> Sitemaps { get; init; } = [];

    /// <summary>Lines written at the end as they are.</summary>
    public IReadOnlyList<string> Tail { get; init; } = [];

    /// <summary>A path that is disallowed for everyone because no person is led there; null for none.</summary>
    public string? TrapPath { get; init; }

    /// <summary>The rule for everyone whom no other rule names; null when there is none.</summary>
    public RobotsPlanRule? Everyone => Rules.FirstOrDefault(r => r.IsForEveryone);

    /// <summary>The signals to declare: those given, or what the rules say of training, search and answering. draft-romm-aipref-contentsignals.</summary>
    internal IReadOnlyList<string> SignalsDeclared => Signals ??
    [
        .. Signal("search", Purpose.Search),
        .. Signal("ai-input", Purpose.AiSearch, Purpose.AiUser, Purpose.AiAgent),
        .. Signal("ai-train", Purpose.AiTraining),
    ];

    // A rule about some paths neither grants nor reserves a use of the whole.
    private IEnumerable<string> Signal(string name, params ReadOnlySpan<Purpose> purposes)
    {
        foreach (var purpose in purposes)
        {
            if (Rules.FirstOrDefault(r => r.Purposes.Contains(purpose)) is not { } rule)
                continue;
            return rule.DisallowsAll ? [$"{name}=no"] : rule.AllowsAll ? [$"{name}=yes"] : [];
        }
        return [];
    }
}

/// <summary>One group of a plan: whom it names, and what is allowed to them.</summary>
public sealed record RobotsPlanRule
{
    /// <summary>Every crawler that fetches for one of these.</summary>
    public IReadOnlyList<Purpose> Purposes { get; init; } = [];

    /// <summary>Ids of crawlers.</summary>
    public IReadOnlyList<string> Crawlers { get; init; } = [];

    /// <summary>Paths as in robots.txt that are allowed.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Paths as in robots.txt that are disallowed.</summary>
    public IReadOnlyList<string> Disallow { get; init; } = [];

    /// <summary>Whether it names nobody, and so is for everyone whom no other rule names.</summary>
    public bool IsForEveryone => Purposes.Count == 0 && Crawlers.Count == 0;

    /// <summary>Whether the whole site is disallowed, but for what is allowed by name.</summary>
    public bool DisallowsAll => Disallow.Contains("/") && !AllowsAll;

    /// <summary>Whether the whole site is allowed, but for what is disallowed by name.</summary>
    public bool AllowsAll => Allow.Contains("/");
}
