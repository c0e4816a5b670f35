using Weir.Control;
using Weir.Detection.Places;
using Weir.Proxy.Places;

namespace Weir.Settings;

/// <summary>Reads which files say where clients are.</summary>
internal static class GeoBinder
{
    /// <summary>Reads the section.</summary>
    /// <param name="geo">The section.</param>
    /// <param name="sites">The sites: whether a rule asks for a country.</param>
    /// <param name="pathOf">Makes a path as written one that can be opened.</param>
    public static PlaceOptions Bind(Section geo, IEnumerable<Site> sites, Func<Given, string> pathOf)
    {
        string? country = FileOf(geo, "countryFile", pathOf), asn = FileOf(geo, "asnFile", pathOf);
        return new PlaceOptions
        {
            CountryFile = country ?? (geo.Boolean("bundled", true) ? BundledCountries.Find() : null),
            AsnFile = asn,
            IsNeededAtStart = country is not null || asn is not null || sites.Any(s => s.Policy.Any(r => r.Countries.Count > 0)),
        };
    }

    /// <summary>Reads the countries of a rule.</summary>
    public static IReadOnlyList<Country> Countries(Section rule)
    {
        List<Country> found = [];
        foreach (var given in rule.Texts("countries"))
        {
            if (given.Value == Country.UnknownName)
                found.Add(default);
            else if (given.Value.ToUpperInvariant() is var code && code is not ("UK" or "EU" or "EL") && Country.TryParse(code, out var country))
                found.Add(country);
            else
                given.Refuse($"'{given.Value}' is no country.", $"Write its two letters of ISO 3166 such as DE, US or GB, or {Country.UnknownName}.");
        }
        return found;
    }

    private static string? FileOf(Section geo, string name, Func<Given, string> pathOf)
    {
        if (geo.Text(name) is not { } given)
            return null;
        string path = pathOf(given);
        if (File.Exists(path))
            return path;
        given.Refuse($"There is no file '{given.Value}'.", "Name a file of MaxMind's format (.mmdb), such as GeoLite2-Country.mmdb.");
        return null;
    }
}
