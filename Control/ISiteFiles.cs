using Weir.Detection;

namespace Weir.Control;

/// <summary>Sites that settings files define: they are changed there, and not in the control store. Safe from any thread; no I/O.</summary>
public interface ISiteFiles
{
    /// <summary>A site as its file has it, and what people call that file; null when no file defines it.</summary>
    FileSite? Find(SiteId id);

    /// <summary>The site of a file that holds this host, written as <see cref="Site.Hosts"/> writes it; null when it is free to be taken.</summary>
    FileSite? FindHost(string host);
}

/// <summary>A site that a file defines.</summary>
/// <param name="Site">Its settings.</param>
/// <param name="Place">Where a person changes it, such as <c>weir.json</c>.</param>
public sealed record FileSite(Site Site, string Place)
{
    /// <summary>Whether it ends when any other site is defined, as the sample site does: its hosts are free.</summary>
    public bool GivesWay { get; init; }
}
