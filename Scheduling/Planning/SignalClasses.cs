using System.Collections.Frozen;
using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Planning;

/// <summary>What a trigger's class is to a policy.</summary>
internal static class SignalClasses
{
    private static readonly FrozenDictionary<string, SignalClass> Known =
        Enum.GetValues<SignalClass>().ToFrozenDictionary(Name, StringComparer.Ordinal);

    /// <summary>The signal of a trigger's class, as stored; false for one that this program does not know.</summary>
    public static bool TryParse(string name, out SignalClass signal) => Known.TryGetValue(name, out signal);

    /// <summary>The class of a signal's triggers.</summary>
    public static string Name(SignalClass signal) => signal switch
    {
        SignalClass.CrawlChanged => "crawl-changed",
        SignalClass.CrawlSame => "crawl-same",
        SignalClass.UserFetch => "user-fetch",
        SignalClass.Competitor => "competitor",
        SignalClass.EngineUpdate => "engine-update",
        SignalClass.Sitemap => "sitemap",
        SignalClass.Trending => "trending",
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "Not a class."),
    };
}
