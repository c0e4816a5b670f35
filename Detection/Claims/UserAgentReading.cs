namespace Weir.Detection.Claims;

/// <summary>What a user agent alone shows, in one word that a cache can hold: a claim, reasons, and the family of browser.</summary>
/// <param name="Packed">Bits 0–15: the crawler's index plus one; 16–39: reasons 0–23; 40: Chromium family.</param>
internal readonly record struct UserAgentReading(ulong Packed)
{
    private const ulong ChromiumBit = 1UL << 40;

    public UserAgentReading(int crawler, ReasonSet reasons, bool isChromium)
        : this((ushort)(crawler + 1) | ((reasons.Bits & 0xFFFFFF) << 16) | (isChromium ? ChromiumBit : 0))
    {
    }

    /// <summary>Index of the crawler claimed; -1 for none.</summary>
    public int Crawler => (int)(Packed & 0xFFFF) - 1;

    /// <summary>Reasons 0–23.</summary>
    public ReasonSet Reasons => new((Packed >> 16) & 0xFFFFFF);

    /// <summary>Whether the browser it says it is sends client hints.</summary>
    public bool IsChromium => (Packed & ChromiumBit) != 0;
}
