using System.Runtime.CompilerServices;

namespace Weir.Detection.Signals.Clients;

/// <summary>What a request and its answer change in the entry of their client.</summary>
internal static class ClientChanges
{
    /// <summary>Counts a request and copies what is known of its client by now, this request included.</summary>
    public static Behaviour Begin<TSteps>(ClientTable<TSteps> table, in ClientRequest request)
        where TSteps : struct, ISteps
    {
        uint tick = RateWord.TickOf(request.TimeMs), hour = Period.Of(request.TimeMs);
        ref var entry = ref table.Take(request.Client, tick);
        if (Unsafe.IsNullRef(ref entry))
            return default;
        ulong rate = ClientTable<TSteps>.Change(ref entry.Rate, new AddRequest(tick));
        if (request.Path == PathClass.Page && request.Mark == PathMark.None && !request.IsScripted)
        {
            ClientTable<TSteps>.Change(ref entry.Pace, new AddGap(request.TimeMs));
            ClientTable<TSteps>.Change(ref (hour & 1) == 0 ? ref entry.PathsEven : ref entry.PathsOdd, new AddPath(hour, request.PathHash));
        }
        var marks = (request.HasCookie ? Marks.CookieSent : Marks.None) | (request.Mark == PathMark.Beacon ? Marks.BeaconRan : Marks.None);
        int bit = request.IsBrowserForm ? MarksWord.UserAgentBit(request.UserAgentHash) : -1;
        if (marks != Marks.None || bit >= 0)
            ClientTable<TSteps>.Change(ref entry.Marks, new AddMarks(hour, marks, bit));
        int holder = request.Path == PathClass.RobotsTxt ? HolderWord.RobotsTxt : request.Mark switch
        {
            PathMark.Honeypot => HolderWord.Honeypot,
            PathMark.Beacon => HolderWord.Beacon,
            _ => -1,
        };
        if (holder >= 0)
            ClientTable<TSteps>.Change(ref entry.Holders, new SetHolder(hour, holder, request.UserAgentHash));
        return new Behaviour(Copy(ref entry), hour, request.UserAgentHash, RateWord.Total(rate));
    }

    /// <summary>Adds how a request ended. A client that was evicted meanwhile is not taken again for it.</summary>
    public static void Complete<TSteps>(ClientTable<TSteps> table, in ClientAnswer answer, SequentialTest test)
        where TSteps : struct, ISteps
    {
        ref var entry = ref table.Find(answer.Client);
        if (Unsafe.IsNullRef(ref entry))
            return;
        uint hour = Period.Of(answer.TimeMs);
        ClientTable<TSteps>.Change(ref entry.Outcomes, new AddOutcome(hour, answer));
        ClientTable<TSteps>.Change(ref entry.Test, new AddObservation(hour, answer, test));
        var marks = (answer.OfferedCookie ? Marks.CookieOffered : Marks.None) | (answer.OfferedScript ? Marks.ScriptOffered : Marks.None)
            | answer.Path switch { PathClass.Asset => Marks.Asset, PathClass.Icon => Marks.Icon, _ => Marks.None };
        if (marks != Marks.None)
            ClientTable<TSteps>.Change(ref entry.Marks, new AddMarks(hour, marks, -1));
    }

    /// <summary>What is known of a client, without counting anything; <c>default</c> when nothing is.</summary>
    public static Behaviour Look<TSteps>(ClientTable<TSteps> table, UInt128 client, long timeMs, ulong userAgentHash = 0)
        where TSteps : struct, ISteps
    {
        ref var entry = ref table.Find(client);
        if (Unsafe.IsNullRef(ref entry))
            return default;
        uint tick = RateWord.TickOf(timeMs);
        return new Behaviour(Copy(ref entry), Period.Of(timeMs), userAgentHash, RateWord.Total(RateWord.Roll(Volatile.Read(ref entry.Rate), tick)));
    }

    // Each word whole; together they may be of moments one request apart.
    private static ClientEntry Copy(ref ClientEntry entry) => new()
    {
        Rate = Volatile.Read(ref entry.Rate),
        Pace = Volatile.Read(ref entry.Pace),
        Marks = Volatile.Read(ref entry.Marks),
        PathsEven = Volatile.Read(ref entry.PathsEven),
        PathsOdd = Volatile.Read(ref entry.PathsOdd),
        Outcomes = Volatile.Read(ref entry.Outcomes),
        Test = Volatile.Read(ref entry.Test),
        Holders = Volatile.Read(ref entry.Holders),
    };

    private readonly struct AddRequest(uint tick) : IWordChange
    {
        public ulong Apply(ulong word) => RateWord.Add(word, tick);
    }

    private readonly struct AddGap(long timeMs) : IWordChange
    {
        public ulong Apply(ulong word) => PaceWord.Add(word, timeMs);
    }

    private readonly struct AddPath(uint hour, ulong hash) : IWordChange
    {
        public ulong Apply(ulong word) => PathsWord.Add(word, hour, hash);
    }

    private readonly struct AddMarks(uint hour, Marks marks, int userAgentBit) : IWordChange
    {
        public ulong Apply(ulong word) => MarksWord.Add(word, hour, marks, userAgentBit);
    }

    private readonly struct SetHolder(uint hour, int holder, ulong userAgentHash) : IWordChange
    {
        public ulong Apply(ulong word) => HolderWord.Set(word, hour, holder, userAgentHash);
    }

    private readonly struct AddOutcome(uint hour, in ClientAnswer answer) : IWordChange
    {
        private readonly PathClass _path = answer.Path;
        private readonly bool _isError = answer.Status is >= 400 and < 500;
        private readonly bool _isOffer = answer.OfferedCookie || answer.OfferedScript;
        private readonly uint _durationMs = answer.DurationMs;

        public ulong Apply(ulong word) => OutcomeWord.Add(word, hour, _path, _isError, _isOffer, _durationMs);
    }

    private readonly struct AddObservation(uint hour, in ClientAnswer answer, SequentialTest test) : IWordChange
    {
        private readonly PathClass _path = answer.Path;
        private readonly ushort _status = answer.Status;
        private readonly bool _hasReferrer = answer.HasReferrer;
        private readonly bool _siteHasAssets = answer.SiteHasAssets;

        public ulong Apply(ulong word) => test.Add(word, hour, _path, _status, _hasReferrer, _siteHasAssets);
    }
}
