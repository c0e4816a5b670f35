using Microsoft.Extensions.Logging;

namespace Weir.Proxy;

public static partial class Log
{
    /// <summary>Sites were put in force or taken out of it.</summary>
    [LoggerMessage(4040, LogLevel.Information, "{Changed} sites were put in force and {Removed} taken out; {Sites} sites with {Hosts} hosts are served.")]
    public static partial void SitesChanged(this ILogger log, int changed, int removed, int sites, int hosts);

    /// <summary>A site's definition is wrong, or claims what another site has.</summary>
    [LoggerMessage(4041, LogLevel.Error, "A site is not in force as written. {Error} What was in force before stays.")]
    public static partial void SiteRefused(this ILogger log, string error);

    /// <summary>More definitions are wrong than the log shows.</summary>
    [LoggerMessage(4042, LogLevel.Error, "{Count} more sites are not in force as written; weir sites status lists them all.")]
    public static partial void MoreSitesRefused(this ILogger log, int count);

    /// <summary>The folder of site files went away.</summary>
    [LoggerMessage(4043, LogLevel.Error, "The folder of site files {Folder} cannot be used: {Why}. Its sites stay in force as they were.")]
    public static partial void SiteFolderLost(this ILogger log, string folder, string why);

    /// <summary>The folder of site files can be used again.</summary>
    [LoggerMessage(4044, LogLevel.Information, "The folder of site files {Folder} can be used again.")]
    public static partial void SiteFolderBack(this ILogger log, string folder);

    /// <summary>The control store cannot be asked.</summary>
    [LoggerMessage(4045, LogLevel.Error, "The control store cannot be asked for sites: {Why} Its sites stay in force as they were; it is asked again.")]
    public static partial void ControlStoreAway(this ILogger log, string why);

    /// <summary>The control store answers again.</summary>
    [LoggerMessage(4046, LogLevel.Information, "The control store answers again; its sites are at version {Version}.")]
    public static partial void ControlStoreBack(this ILogger log, long version);

    /// <summary>A source cannot be read at the start; what an earlier run kept is served.</summary>
    [LoggerMessage(4047, LogLevel.Error, "Served from {File}, kept {Age} ago: {Sites} sites of {Source}, which cannot be read. {Why}")]
    public static partial void LastGoodServed(this ILogger log, string file, string age, int sites, string source, string why);

    /// <summary>The sites in force cannot be kept, or what was kept cannot be read.</summary>
    [LoggerMessage(4048, LogLevel.Error, "{File} cannot be used: {Why} A start without the sources of the sites would find no sites until this is mended.")]
    public static partial void LastGoodUnusable(this ILogger log, string file, string why);
}
