namespace Weir.Detection.Signals.Clients;

/// <summary>What a client did so far, this hour and the one before, with what fades halved by the hour. A copy of its entry's words.</summary>
internal readonly record struct Behaviour
{
    private readonly ClientEntry _entry;
    private readonly uint _hour;
    private readonly ulong _userAgentHash;
    private readonly ulong _outcomes;

    public Behaviour(in ClientEntry entry, uint hour, ulong userAgentHash, int requestsAMinute)
    {
        (_entry, _hour, _userAgentHash) = (entry, hour, userAgentHash);
        _outcomes = OutcomeWord.Roll(entry.Outcomes, hour);
        RequestsAMinute = requestsAMinute;
    }

    /// <summary>Requests of the last 45 to 60 seconds, up to 8,188.</summary>
    public int RequestsAMinute { get; }

    /// <summary>Answers, up to 1,023.</summary>
    public int Answers => OutcomeWord.Answers(_outcomes);

    /// <summary>Pages among them that were no errors.</summary>
    public int Pages => OutcomeWord.Pages(_outcomes);

    /// <summary>Parts of pages among them, icons included.</summary>
    public int Assets => OutcomeWord.Assets(_outcomes);

    /// <summary>Answers of 400 to 499 among them.</summary>
    public int Errors => OutcomeWord.Errors(_outcomes);

    /// <summary>Answers that offered a script or a cookie, up to 31.</summary>
    public int Offers => OutcomeWord.Offers(_outcomes);

    /// <summary>How long answers took, in milliseconds; 0 when not known.</summary>
    public int ResponseMs => OutcomeWord.ResponseMs(_outcomes);

    /// <summary>Different pages asked for; see <see cref="PathsWord"/> for the error.</summary>
    public int DistinctPages => PathsWord.Count(_entry.PathsEven, _entry.PathsOdd, _hour);

    /// <summary>Different browsers' user agents seen.</summary>
    public int UserAgents => MarksWord.UserAgents(_entry.Marks, _hour);

    /// <summary>What was done at least once.</summary>
    public Marks Marks => MarksWord.MarksOf(_entry.Marks, _hour);

    /// <summary>Gaps between pages, up to 255.</summary>
    public int Gaps => PaceWord.CountOf(_entry.Pace);

    /// <summary>Mean of log₂(1 + milliseconds) between pages.</summary>
    public float PaceMean => PaceWord.MeanOf(_entry.Pace);

    /// <summary>Standard deviation of the same.</summary>
    public float PaceSpread => MathF.Sqrt(PaceWord.VarianceOf(_entry.Pace));

    /// <summary>What the sequential test says.</summary>
    public Called Called => TestWord.CalledOf(TestWord.Roll(_entry.Test, _hour));

    /// <summary>The sum that says it.</summary>
    public float Sum => TestWord.Sum(TestWord.Roll(_entry.Test, _hour));

    /// <summary>After how many answers it was called; 0 while it is not.</summary>
    public int CalledAfter => TestWord.CalledAfter(TestWord.Roll(_entry.Test, _hour));

    /// <summary>Whether this very user agent read robots.txt from here.</summary>
    public bool ReadRobotsTxt => HolderWord.Is(_entry.Holders, _hour, HolderWord.RobotsTxt, _userAgentHash);

    /// <summary>Whether this very user agent ran the script here.</summary>
    public bool RanBeacon => HolderWord.Is(_entry.Holders, _hour, HolderWord.Beacon, _userAgentHash);

    /// <summary>Whether this user agent asked for the honeypot; any, where nothing says that the address is shared.</summary>
    public bool TookHoneypot => UserAgents <= 1 ? HolderWord.Any(_entry.Holders, _hour, HolderWord.Honeypot)
        : HolderWord.Is(_entry.Holders, _hour, HolderWord.Honeypot, _userAgentHash);
}
