using System.Collections.Frozen;
using Weir.Detection;

namespace Weir.Control;

/// <summary>The sites of the settings that a program was started with, or took over since.</summary>
/// <param name="sites">The sites.</param>
/// <param name="place">What people call the file.</param>
public sealed class SiteFiles(IEnumerable<Site> sites, string place) : ISiteFiles
{
    private FrozenDictionary<SiteId, FileSite> _byId = ById(sites, place);

    /// <inheritdoc/>
    public FileSite? Find(SiteId id) => Volatile.Read(ref _byId).GetValueOrDefault(id);

    /// <summary>Takes other sites over from the next question on.</summary>
    // Publishes a finished table; pairs with the Volatile.Read in Find.
    public void Replace(IEnumerable<Site> others) => Volatile.Write(ref _byId, ById(others, place));

    private static FrozenDictionary<SiteId, FileSite> ById(IEnumerable<Site> sites, string place) =>
        sites.ToFrozenDictionary(s => s.Id, s => new FileSite(s, place));
}
