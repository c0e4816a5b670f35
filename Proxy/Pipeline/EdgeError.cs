namespace Weir.Proxy.Pipeline;

/// <summary>What went wrong between client, edge and origin. The words reach the store: they may grow, never change.</summary>
public enum EdgeError : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The origin refused the connection.</summary>
    OriginRefused = 1,

    /// <summary>The origin did not answer in time.</summary>
    OriginTimeout = 2,

    /// <summary>The origin's name has no address.</summary>
    OriginDns = 3,

    /// <summary>No TLS connection to the origin: wrong certificate or handshake.</summary>
    OriginTls = 4,

    /// <summary>No way to the origin: network or host unreachable.</summary>
    OriginUnreachable = 5,

    /// <summary>The origin closed the connection before its answer was whole.</summary>
    OriginReset = 6,

    /// <summary>The origin's answer is not HTTP, or breaks its rules.</summary>
    OriginBadResponse = 7,

    /// <summary>The client went away before the answer was whole.</summary>
    ClientAborted = 8,

    /// <summary>The client sent its body too slowly.</summary>
    ClientTimeout = 9,

    /// <summary>The request breaks HTTP's rules.</summary>
    BadRequest = 10,

    /// <summary>The request body is larger than the site allows.</summary>
    BodyTooLarge = 11,

    /// <summary>The method is not forwarded.</summary>
    MethodRefused = 12,

    /// <summary>A defect of the edge itself; the log has it under the request id.</summary>
    EdgeFault = 13,

    /// <summary>The origin's name leads into a private network, which the site does not allow.</summary>
    OriginPrivate = 30,

    /// <summary>The request came back to this edge from its own origin.</summary>
    Loop = 31,

    /// <summary>The origin has as many requests under way as it may have.</summary>
    OriginFull = 32,

    /// <summary>The origin is slow, and this is a program, not a person.</summary>
    OriginSlow = 33,

    /// <summary>The origin has many requests under way, and this is a program, not a person.</summary>
    OriginBusy = 34,

    /// <summary>The site is in maintenance.</summary>
    Maintenance = 35,
}

/// <summary>Words and sentences of <see cref="EdgeError"/>.</summary>
public static class EdgeErrors
{
    /// <summary>The word stored with a hit; empty for <see cref="EdgeError.None"/>.</summary>
    public static string Word(this EdgeError error) => error switch
    {
        EdgeError.None => "",
        EdgeError.OriginRefused => "origin-refused",
        EdgeError.OriginTimeout => "origin-timeout",
        EdgeError.OriginDns => "origin-dns",
        EdgeError.OriginTls => "origin-tls",
        EdgeError.OriginUnreachable => "origin-unreachable",
        EdgeError.OriginReset => "origin-reset",
        EdgeError.OriginBadResponse => "origin-bad-response",
        EdgeError.ClientAborted => "client-aborted",
        EdgeError.ClientTimeout => "client-timeout",
        EdgeError.BadRequest => "bad-request",
        EdgeError.BodyTooLarge => "body-too-large",
        EdgeError.MethodRefused => "method-refused",
        EdgeError.EdgeFault => "edge-fault",
        EdgeError.OriginPrivate => "origin-private",
        EdgeError.Loop => "loop",
        EdgeError.OriginFull => "origin-full",
        EdgeError.OriginSlow => "origin-slow",
        EdgeError.OriginBusy => "origin-busy",
        EdgeError.Maintenance => "maintenance",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, null),
    };

    /// <summary>What the visitor is told; says nothing of the origin's name or address.</summary>
    public static string Sentence(this EdgeError error) => error switch
    {
        EdgeError.None => "",
        EdgeError.OriginRefused => "The website's server refused the connection. It may be restarting; please try again in a moment.",
        EdgeError.OriginTimeout => "The website's server did not answer in time. Please try again in a moment.",
        EdgeError.OriginDns => "The address of the website's server could not be found. Its owner has to mend this.",
        EdgeError.OriginTls => "No secure connection to the website's server could be made. Its owner has to mend this.",
        EdgeError.OriginUnreachable => "The website's server cannot be reached. Please try again in a moment.",
        EdgeError.OriginReset => "The website's server closed the connection before its answer was complete. Please try again.",
        EdgeError.OriginBadResponse => "The website's server gave an answer that could not be understood. Its owner has to mend this.",
        EdgeError.ClientAborted => "The request was broken off.",
        EdgeError.ClientTimeout => "The request's body arrived too slowly.",
        EdgeError.BadRequest => "The request is not valid HTTP.",
        EdgeError.BodyTooLarge => "The request's body is larger than this website accepts.",
        EdgeError.MethodRefused => "This method is not accepted here.",
        EdgeError.EdgeFault => "Something went wrong on the way to the website. The fault has been logged.",
        EdgeError.OriginPrivate => "The address of the website's server is not one that may be used. The website's owner has to mend this.",
        EdgeError.Loop => "The website's server sends requests back to where they came from. Its owner has to mend this.",
        EdgeError.OriginFull => "The website's server has more to do than it can bear. Please try again in a moment.",
        EdgeError.OriginSlow or EdgeError.OriginBusy => "The website's server is busy. Programs are asked to come again later.",
        EdgeError.Maintenance => "This website is being worked on and will be back soon.",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, null),
    };
}
