namespace Weir.Detection.Catalog;

/// <summary>A catalog that cannot be used: file, place, what is wrong and what to do are in the message.</summary>
public sealed class CatalogException : Exception
{
    /// <summary>Makes the error; the place is a line, a JSON path or both.</summary>
    public CatalogException(string file, string place, string what, string mend, Exception? inner = null)
        : base($"{file}{(place.Length == 0 ? "" : ":")}{place}: {what} {mend}", inner)
    {
    }
}
