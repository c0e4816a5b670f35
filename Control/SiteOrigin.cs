namespace Weir.Control;

/// <summary>One origin of a site.</summary>
/// <param name="Url">Absolute http or https URL, or h2c for HTTP/2 without TLS; no path, no query.</param>
/// <param name="Weight">Its share among the site's origins, 0 to <see cref="WeightMax"/>; 0 drains it: it keeps sticky sessions and gets no new ones.</param>
public sealed record SiteOrigin(Uri Url, int Weight = 1)
{
    /// <summary>The largest weight.</summary>
    public const int WeightMax = 100;

    /// <summary>Most origins of one site.</summary>
    public const int OriginsMax = 64;

    /// <summary>An origin of weight 1.</summary>
    public static implicit operator SiteOrigin(Uri url) => new(url);

    /// <summary>The URL, and the weight where it says something.</summary>
    public override string ToString() => Weight switch
    {
        1 => Url.ToString().TrimEnd('/'),
        0 => $"{Url.ToString().TrimEnd('/')} (drained)",
        _ => $"{Url.ToString().TrimEnd('/')} (weight {Weight})",
    };
}
