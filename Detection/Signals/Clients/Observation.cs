namespace Weir.Detection.Signals.Clients;

/// <summary>What one answer shows about its client, for the sequential test. Mutually exclusive but for the last.</summary>
internal enum Observation : byte
{
    /// <summary>A page, with no page before it.</summary>
    PageUnled,

    /// <summary>A page that another page led to.</summary>
    PageLed,

    /// <summary>The first part of a page after that page, or one that names the page it belongs to.</summary>
    AssetOfPage,

    /// <summary>A part of a page by itself.</summary>
    AssetAlone,

    /// <summary>The site's icon.</summary>
    Icon,

    /// <summary>robots.txt.</summary>
    RobotsTxt,

    /// <summary>A feed, download or data, with no page before it.</summary>
    OtherUnled,

    /// <summary>A feed, download or data that a page led to.</summary>
    OtherLed,

    /// <summary>Something that is not there.</summary>
    Missing,

    /// <summary>Something that had not changed since the client took it last, asked for with no page before it.</summary>
    Unchanged,

    /// <summary>Another page, with nothing of what belongs to the one before it in between.</summary>
    PageAlone,
}
