using Weir.Detection;

namespace Weir.Control;

/// <summary>What is kept of a site's visitors, and for how long.</summary>
public sealed record SitePrivacy
{
    /// <summary>The longest that can be asked for: a hundred years.</summary>
    public const int DaysMax = 36_500;

    /// <summary>What of a client's address is stored.</summary>
    public AddressForm Addresses { get; init; }

    /// <summary>Days after which hits and all that names single requests are deleted; null keeps them.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Days after which counts by the hour and robots.txt versions are deleted; null for as long as hits.</summary>
    public int? CountsDays { get; init; }

    /// <summary>Whether the texts of pages that verified crawlers fetch are kept, so that queries can be linked to pages by their words.</summary>
    public bool KeepsPageTexts { get; init; } = true;
}
