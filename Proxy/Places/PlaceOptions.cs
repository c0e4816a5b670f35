namespace Weir.Proxy.Places;

/// <summary>Which files say where addresses are.</summary>
public sealed record PlaceOptions
{
    /// <summary>File of countries; null when none is known of.</summary>
    public string? CountryFile { get; init; }

    /// <summary>File of networks (autonomous systems); null for none.</summary>
    public string? AsnFile { get; init; }

    /// <summary>Whether the first request waits until they are read: a rule or a person asked for them. Otherwise they are read meanwhile.</summary>
    public bool IsNeededAtStart { get; init; }

    /// <summary>How often to look whether a file changed.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(10);
}
