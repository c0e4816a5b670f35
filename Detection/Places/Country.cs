using System.Diagnostics.CodeAnalysis;

namespace Weir.Detection.Places;

/// <summary>A country as ISO 3166-1 writes it in two letters; <c>default</c> when it is not known.</summary>
/// <param name="Number">0 for unknown, else 1 for AA to 676 for ZZ.</param>
public readonly record struct Country(ushort Number)
{
    /// <summary>What an unknown country is called where it must have a name.</summary>
    public const string UnknownName = "unknown";

    private const int Letters = 26;
    private static readonly string[] Codes = [.. Enumerable.Range(0, (Letters * Letters) + 1).Select(Write)];

    /// <summary>Whether it is known.</summary>
    public bool IsKnown => Number != 0;

    /// <summary>The code in capitals; empty when unknown. Allocates nothing.</summary>
    public string Code => Number < Codes.Length ? Codes[Number] : "";

    /// <summary>Reads two letters in any case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Country country)
    {
        country = default;
        if (text is not [var first, var second] || !char.IsAsciiLetter(first) || !char.IsAsciiLetter(second))
            return false;
        country = new Country((ushort)((((first | 0x20) - 'a') * Letters) + (second | 0x20) - 'a' + 1));
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Code;

    private static string Write(int number) => number == 0 ? "" : $"{(char)('A' + ((number - 1) / Letters))}{(char)('A' + ((number - 1) % Letters))}";
}

/// <summary>Where an address is used, by the files that the edge was given.</summary>
/// <param name="Country">The country.</param>
/// <param name="Asn">Number of the network (autonomous system); 0 when unknown.</param>
public readonly record struct Place(Country Country, uint Asn);
