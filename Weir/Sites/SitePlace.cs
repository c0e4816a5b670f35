using Weir.Settings;

namespace Weir.Sites;

/// <summary>What kind of thing defines sites. In this order, when several are new at the same time: the first keeps an id or host.</summary>
internal enum SiteSource
{
    /// <summary>A flag of the command line.</summary>
    Flag,

    /// <summary>The settings file.</summary>
    Settings,

    /// <summary>A file in the folder of site files.</summary>
    Folder,

    /// <summary>The control store.</summary>
    Control,

    /// <summary>The sample site: only while nothing else defines any.</summary>
    Sample,
}

/// <summary>One piece that is read by itself: the settings file, one file of the folder, one definition of the control store.</summary>
/// <param name="Source">What kind of piece.</param>
/// <param name="Name">Which one: the file's name, or the site's id.</param>
internal readonly record struct SitePlace(SiteSource Source, string Name) : IComparable<SitePlace>
{
    /// <inheritdoc/>
    public int CompareTo(SitePlace other) => Source != other.Source ? Source.CompareTo(other.Source) : string.CompareOrdinal(Name, other.Name);
}

/// <summary>What reading one place gave.</summary>
/// <param name="Place">The place.</param>
/// <param name="Sites">Its sites; null when the place is gone.</param>
/// <param name="Errors">What is wrong with it; when there is anything, its sites stay as they were.</param>
internal sealed record PlaceReading(SitePlace Place, IReadOnlyList<PlacedSite>? Sites, IReadOnlyList<SettingError> Errors)
{
    /// <summary>The place has these sites and no others.</summary>
    public static PlaceReading Good(SitePlace place, IReadOnlyList<PlacedSite> sites) => new(place, sites, []);

    /// <summary>The place is gone, and its sites with it.</summary>
    public static PlaceReading Gone(SitePlace place) => new(place, null, []);

    /// <summary>The place is wrong.</summary>
    public static PlaceReading Bad(SitePlace place, IReadOnlyList<SettingError> errors) => new(place, null, errors);
}

/// <summary>A definition that is not in force, and why.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Error">What is wrong, with place and mend.</param>
/// <param name="IsConflict">Whether it is fine by itself, and another site has its id or host.</param>
internal sealed record SiteRefusal(SitePlace Place, SettingError Error, bool IsConflict);

/// <summary>A site as it is served, and the place that defines it.</summary>
internal sealed record SiteInForce(SitePlace Place, PlacedSite Placed)
{
    /// <summary>Its id.</summary>
    public Detection.SiteId Id => Placed.Site.Id;
}
