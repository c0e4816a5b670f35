using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>Whether a host name of an address leads back to it.</summary>
internal enum ForwardState : byte
{
    /// <summary>Nobody asked: the name is of no crawler that was claimed from there.</summary>
    NotAsked = 0,

    /// <summary>The address is among the name's.</summary>
    LeadsBack = 1,

    /// <summary>It is not: whoever owns the address wrote somebody else's name there.</summary>
    LeadsElsewhere = 2,

    /// <summary>DNS did not answer.</summary>
    Unanswered = 3,
}

/// <summary>A host name that DNS gives an address.</summary>
internal readonly record struct HostName(string Name, ForwardState Forward);

/// <summary>The host names of one address, as found. Immutable.</summary>
internal static class HostNames
{
    /// <summary>What the names say of a crawler; <see cref="ReverseDnsAnswer.UnderWay"/> when a name of its has yet to be asked.</summary>
    public static ReverseDnsAnswer Judge(HostName[] names, Crawler crawler)
    {
        var answer = ReverseDnsAnswer.Refuted;
        for (int i = 0; i < names.Length; i++)
        {
            bool isShared = !HostMask.MatchesAny(crawler.ReverseDnsHosts, names[i].Name);
            if (isShared && !HostMask.MatchesAny(crawler.SharedReverseDnsHosts, names[i].Name))
                continue;
            var one = names[i].Forward switch
            {
                ForwardState.LeadsBack => isShared ? ReverseDnsAnswer.Shared : ReverseDnsAnswer.Confirmed,
                ForwardState.NotAsked => ReverseDnsAnswer.UnderWay,
                ForwardState.Unanswered => ReverseDnsAnswer.Unanswered,
                _ => ReverseDnsAnswer.Refuted,
            };
            if (Weight(one) > Weight(answer))
                answer = one;
        }
        return answer;
    }

    /// <summary>The name to show for an answer: the one that proves it, else the first; empty without names.</summary>
    public static string Evidence(HostName[] names, Crawler crawler)
    {
        foreach (var name in names)
        {
            if (name.Forward == ForwardState.LeadsBack && Names(crawler, name.Name))
                return name.Name;
        }
        foreach (var name in names)
        {
            if (Names(crawler, name.Name))
                return name.Name;
        }
        return names.Length > 0 ? names[0].Name : "";
    }

    /// <summary>Whether a name is of the kind that a crawler's operator uses.</summary>
    public static bool Names(Crawler crawler, string name) =>
        HostMask.MatchesAny(crawler.ReverseDnsHosts, name) || HostMask.MatchesAny(crawler.SharedReverseDnsHosts, name);

    // Of several names one that proves is enough; and as long as one is open, nothing is refuted.
    private static int Weight(ReverseDnsAnswer answer) => answer switch
    {
        ReverseDnsAnswer.Confirmed => 4,
        ReverseDnsAnswer.UnderWay => 3,
        ReverseDnsAnswer.Unanswered => 2,
        ReverseDnsAnswer.Shared => 1,
        _ => 0,
    };
}
