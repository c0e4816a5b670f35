using Weir.Detection;

namespace Weir.Storage.Traffic;

/// <summary>What sort of client makes a visit.</summary>
internal enum VisitKind
{
    /// <summary>A person: pages with the files that they are made of.</summary>
    Person,

    /// <summary>A crawler: pages, one after the other.</summary>
    Crawler,

    /// <summary>A script: pages, or addresses that it hopes to find something at.</summary>
    Script,
}

/// <summary>A client on a site, between its first and its last request.</summary>
internal struct Visit
{
    public SiteModel Site;
    public VisitKind Kind;
    public Person Client;
    public Verdict Verdict;
    public byte HttpVersion;
    public string Referrer;
    public string Query;

    /// <summary>The page that is being read.</summary>
    public int Page;

    public int PagesLeft;

    /// <summary>Files of the page that are still to come.</summary>
    public int AssetsLeft;

    /// <summary>Whether it has been here before, so that its browser has the site's files.</summary>
    public bool IsKnown;

    /// <summary>Whether the script looks for weak spots.</summary>
    public bool IsProbing;

    public long TimeMs;
}
