using Weir.Detection.Places;
using Weir.Proxy.Places;

namespace Weir.Hosting;

/// <summary>Reads the files of places for a command that runs to its end.</summary>
internal static class PlaceFiles
{
    /// <summary>What the files say. A bundled file that cannot be read tells nothing; one that somebody named is an error.</summary>
    /// <exception cref="CommandException">A named file cannot be used.</exception>
    public static PlaceTable Load(PlaceOptions options)
    {
        var places = PlaceTable.Empty;
        if (options.CountryFile is { } countries)
            places = places.WithCountriesOf(Read(countries, PlaceFile.ReadCountries, options.IsNeededAtStart));
        if (options.AsnFile is { } networks)
            places = places.WithNetworksOf(Read(networks, PlaceFile.ReadNetworks, true));
        return places;
    }

    private static PlaceTable Read(string file, Func<string, PlaceTable> read, bool isNeeded)
    {
        try
        {
            return read(file);
        }
        catch (PlaceFileException e) when (!isNeeded)
        {
            Console.Error.WriteLine($"weir: countries are unknown: {file} cannot be used. {e.Message}");
            return PlaceTable.Empty;
        }
        catch (PlaceFileException e)
        {
            throw new CommandException($"{file} cannot be used: {e.Message} Name a whole file in geo.countryFile or geo.asnFile.", e);
        }
    }
}
