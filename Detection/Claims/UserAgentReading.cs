namespace Weir.Detection.Claims;

/// <summary>What a user agent alone shows, in one word that a cache can hold: a claim, reasons, and the browser.</summary>
/// <param name="Packed">Bits 0–15: the crawler's index plus one; 16–39: reasons 0–23; 40–55: the browser.</param>
internal readonly record struct UserAgentReading(ulong Packed)
{
    public UserAgentReading(int crawler, ReasonSet reasons, Browser browser)
        : this((ushort)(crawler + 1) | ((reasons.Bits & 0xFFFFFF) << 16) | (ulong)browser.Packed << 40)
    {
    }

    /// <summary>Index of the crawler claimed; -1 for none.</summary>
    public int Crawler => (int)(Packed & 0xFFFF) - 1;

    /// <summary>Reasons 0–23.</summary>
    public ReasonSet Reasons => new((Packed >> 16) & 0xFFFFFF);

    /// <summary>The browser that it says it is.</summary>
    public Browser Browser => new((ushort)(Packed >> 40));
}
