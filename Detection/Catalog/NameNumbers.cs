using System.Collections.Concurrent;

namespace Weir.Detection.Catalog;

/// <summary>Gives each name of a crawler or operator one number for the life of the process, so that rules compare numbers and stay right
/// when a catalog is loaded anew. Grows by the names of catalogs and settings; never by what a request says.</summary>
public static class NameNumbers
{
    private static readonly ConcurrentDictionary<string, int> Numbers = new(StringComparer.Ordinal);
    private static int _last;

    /// <summary>The number of a name, from 1.</summary>
    public static int Of(string name) => Numbers.GetOrAdd(name, static _ => Interlocked.Increment(ref _last));
}
