using MaxMind.Db;

namespace Weir.Detection.Places;

/// <summary>A file of places cannot be used; the message says what is wrong with it.</summary>
public sealed class PlaceFileException : Exception
{
    /// <summary>Makes the error.</summary>
    public PlaceFileException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}

/// <summary>Reads files of MaxMind's format (.mmdb) into tables: countries (GeoLite2, GeoIP2, ip-location-db) and networks (GeoLite2 ASN).</summary>
/// <remarks>The format's own look-up decodes a record of texts each time, some 500 ns and 300 bytes; a table of two or four bytes an interval
/// takes a tenth and nothing.</remarks>
public static class PlaceFile
{
    // Files of whole cities have 1.2 GB; these two kinds have some ten.
    private const long BytesMax = 256L << 20;

    /// <summary>Reads countries.</summary>
    /// <exception cref="PlaceFileException">The file cannot be read, is no such file, or holds no country.</exception>
    public static PlaceTable ReadCountries(string path) =>
        new(Read<ushort>(path, "country", record => Country.TryParse(CodeOf(record), out var country) ? country.Number : (ushort)0), null);

    /// <summary>Reads networks.</summary>
    /// <exception cref="PlaceFileException">The file cannot be read, is no such file, or holds no network.</exception>
    public static PlaceTable ReadNetworks(string path) => new(null, Read(path, "network", NetworkOf));

    /// <summary>The country of one address, without reading the whole file.</summary>
    /// <exception cref="PlaceFileException">The file cannot be read, or is no such file.</exception>
    public static Country FindCountry(string path, ClientAddress address) => Guard(() =>
    {
        using var reader = new Reader(path);
        return reader.Find<Dictionary<string, object>>(address.ToIPAddress()) is { } record && Country.TryParse(CodeOf(record), out var country) ? country : default;
    });

    private static string? CodeOf(Dictionary<string, object> record)
    {
        if (record.TryGetValue("country_code", out object? code))
            return code as string;
        // Where an address is used goes before where it is registered.
        foreach (string name in (string[])["country", "registered_country"])
        {
            if (record.TryGetValue(name, out object? country) && country is IDictionary<string, object> parts && parts.TryGetValue("iso_code", out object? iso))
                return iso as string;
        }
        return null;
    }

    private static uint NetworkOf(Dictionary<string, object> record) =>
        record.TryGetValue("autonomous_system_number", out object? number) && number is IConvertible value && value.ToInt64(null) is > 0 and <= uint.MaxValue and var asn
            ? (uint)asn : 0;

    private static AddressMaps<TValue> Read<TValue>(string path, string what, Func<Dictionary<string, object>, TValue> valueOf)
        where TValue : unmanaged, IEquatable<TValue>
    {
        return Guard(() =>
        {
            if (new FileInfo(path) is { Exists: true, Length: > BytesMax } large)
                throw new PlaceFileException($"It has {large.Length:N0} bytes; files of countries or networks have less than {BytesMax:N0}.");
            using var reader = new Reader(path, FileAccessMode.Memory);
            var maps = Gather(reader, valueOf);
            return maps.V4.Count + maps.V6.Count > 2 ? maps : throw new PlaceFileException($"It names no {what}.");
        });
    }

    // The reader trusts its file: a torn one ends in whatever the bytes make it do.
    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlaceFileException(e.Message, e);
        }
        catch (Exception e) when (e is not (PlaceFileException or OutOfMemoryException))
        {
            throw new PlaceFileException("It is no whole file of MaxMind's format (.mmdb).", e);
        }
    }

    private static AddressMaps<TValue> Gather<TValue>(Reader reader, Func<Dictionary<string, object>, TValue> valueOf) where TValue : unmanaged, IEquatable<TValue>
    {
        var v4 = new AddressMap<uint, TValue>.Builder();
        var v6 = new AddressMap<UInt128, TValue>.Builder();
        foreach (var node in reader.FindAll<Dictionary<string, object>>())
        {
            var first = ClientAddress.From(node.Start);
            int length = node.PrefixLength;
            var value = valueOf(node.Data);
            // A tree of both holds IPv4 below ::/96.
            bool isIPv4 = node.Start.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || (length >= 96 && first.Value >> 32 == UInt128.Zero);
            bool isInOrder = isIPv4 ? AddIPv4(v4, first, length, value) : AddIPv6(v6, first, length, value);
            if (!isInOrder)
                throw new PlaceFileException("Its networks overlap.");
        }
        return new AddressMaps<TValue>(v4.Build(), v6.Build());
    }

    private static bool AddIPv4<TValue>(AddressMap<uint, TValue>.Builder map, ClientAddress first, int length, TValue value)
        where TValue : unmanaged, IEquatable<TValue>
    {
        uint from = (uint)first.Value;
        length = length > 32 ? length - 96 : length;
        return map.TryAdd(from, length == 0 ? uint.MaxValue : from | (uint)((1UL << (32 - length)) - 1), value);
    }

    private static bool AddIPv6<TValue>(AddressMap<UInt128, TValue>.Builder map, ClientAddress first, int length, TValue value)
        where TValue : unmanaged, IEquatable<TValue> =>
        map.TryAdd(first.Value, length == 0 ? UInt128.MaxValue : first.Value | ((UInt128.One << (128 - length)) - UInt128.One), value);
}
