namespace Weir.Ladder.Serving;

/// <summary>How far up the ladder a server stands; each does what the ones before it do.</summary>
internal enum Step
{
    /// <summary>YARP as its documentation starts it: one route for everything.</summary>
    Yarp,

    /// <summary>Weir's connection facts, client address and site, and its forwarding.</summary>
    Site,

    /// <summary>With detection: user agent, address, headers, the client's window.</summary>
    Detect,

    /// <summary>With the hit, through the channel to a reader that throws it away.</summary>
    Record,

    /// <summary>The whole pipeline as shipped, a policy and the reading of pages included.</summary>
    All,
}
