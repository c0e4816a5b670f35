namespace Weir.Detection;

// Numbers and names in this file are stored in tables and promised to programs: they may grow, never change.

/// <summary>What sort of client made a request.</summary>
public enum VerdictKind : byte
{
    /// <summary>Not enough is known.</summary>
    Unknown = 0,

    /// <summary>Says it is a crawler of the catalog.</summary>
    Crawler = 1,

    /// <summary>A program that is no person's browser and no crawler of the catalog.</summary>
    Automation = 2,

    /// <summary>Looks like a person's browser.</summary>
    LikelyHuman = 3,
}

/// <summary>Why a crawler fetches.</summary>
public enum Purpose : byte
{
    /// <summary>No crawler is claimed.</summary>
    None = 0,

    /// <summary>Collects pages for training models.</summary>
    AiTraining = 1,

    /// <summary>Builds the index that AI answers cite.</summary>
    AiSearch = 2,

    /// <summary>Fetches a page that a person asked an assistant about.</summary>
    AiUser = 3,

    /// <summary>Acts on pages for a person.</summary>
    AiAgent = 4,

    /// <summary>Builds a search index.</summary>
    Search = 5,

    /// <summary>Measures links and rankings.</summary>
    Seo = 6,

    /// <summary>Watches availability or speed.</summary>
    Monitoring = 7,

    /// <summary>Makes link previews.</summary>
    SocialPreview = 8,

    /// <summary>Reads feeds.</summary>
    Feed = 9,

    /// <summary>Keeps copies for later.</summary>
    Archive = 10,

    /// <summary>Looks for weaknesses or malware.</summary>
    Security = 11,

    /// <summary>A client library or tool that anybody can run.</summary>
    ScraperLibrary = 12,

    /// <summary>Checks advertising pages.</summary>
    Advertising = 13,

    /// <summary>Anything else.</summary>
    Other = 14,
}

/// <summary>What checking a claim gave.</summary>
public enum Identity : byte
{
    /// <summary>The request claims to be no crawler.</summary>
    NotClaimed = 0,

    /// <summary>The operator's documented method confirms it.</summary>
    Verified = 1,

    /// <summary>The operator documents a complete method, and this request fails it.</summary>
    Spoofed = 2,

    /// <summary>No documented method, or none that can judge this request: neither good nor bad.</summary>
    Unverifiable = 3,

    /// <summary>A check is under way.</summary>
    Pending = 4,
}

/// <summary>How a claim was checked.</summary>
public enum IdentityMethod : byte
{
    /// <summary>Not checked.</summary>
    None = 0,

    /// <summary>Address against the operator's range list.</summary>
    Range = 1,

    /// <summary>Reverse DNS, confirmed forward.</summary>
    ReverseDns = 2,

    /// <summary>Web Bot Auth signature.</summary>
    Signature = 3,
}

/// <summary>What sort of page a visit came from.</summary>
public enum ReferralClass : byte
{
    /// <summary>No referrer, or one of the site's own.</summary>
    None = 0,

    /// <summary>An AI answer engine.</summary>
    Ai = 1,

    /// <summary>A search engine.</summary>
    Search = 2,

    /// <summary>A social network.</summary>
    Social = 3,

    /// <summary>Another website.</summary>
    Other = 4,
}
