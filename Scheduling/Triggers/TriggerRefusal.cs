namespace Weir.Scheduling.Triggers;

/// <summary>Why a crawler fetch is no trigger. A closed list: every fetch is counted under one of these.</summary>
public enum TriggerRefusal
{
    /// <summary>It is one.</summary>
    None = 0,

    /// <summary>The crawler's claim is spoofed, still being checked, or unverifiable while those do not count.</summary>
    NotVerified = 1,

    /// <summary>Not a GET: nothing was read.</summary>
    NotRead = 2,

    /// <summary>No page was sent: a redirect, a part or an error.</summary>
    NoContent = 3,

    /// <summary>robots.txt, a sitemap, an icon, a script, a style, an image: no page whose words an answer could use.</summary>
    NoPage = 4,

    /// <summary>The crawler feeds no engine that is known.</summary>
    NoEngine = 5,

    /// <summary>No target is linked to the page on an engine that the crawler feeds.</summary>
    NoTarget = 6,

    /// <summary>The crawler gathers what models are trained on: today's answers are not made of it.</summary>
    Training = 7,
}

/// <summary>Names of refusals in metrics.</summary>
public static class TriggerRefusals
{
    /// <summary>The name of a refusal.</summary>
    public static string Name(this TriggerRefusal refusal) => refusal switch
    {
        TriggerRefusal.None => "trigger",
        TriggerRefusal.NotVerified => "not-verified",
        TriggerRefusal.NotRead => "not-read",
        TriggerRefusal.NoContent => "no-content",
        TriggerRefusal.NoPage => "no-page",
        TriggerRefusal.NoEngine => "no-engine",
        TriggerRefusal.NoTarget => "no-target",
        TriggerRefusal.Training => "training",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "Not a refusal."),
    };
}
