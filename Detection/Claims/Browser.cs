namespace Weir.Detection.Claims;

/// <summary>Which engine a user agent says it runs on: engines, not brands, decide what is sent.</summary>
internal enum BrowserFamily : byte
{
    /// <summary>None of the three, or too old or odd to expect anything of it.</summary>
    Other = 0,

    /// <summary>Chrome and what is built on it.</summary>
    Chromium = 1,

    /// <summary>Firefox and what is built on it.</summary>
    Firefox = 2,

    /// <summary>Safari on macOS, and every browser on iOS.</summary>
    Safari = 3,
}

/// <summary>The system that a browser says it runs on.</summary>
internal enum BrowserSystem : byte
{
    Unknown = 0,
    Windows = 1,
    MacOs = 2,
    Linux = 3,
    Android = 4,
    Ios = 5,
    ChromeOs = 6,
}

/// <summary>The browser that a user agent names, in 16 bits that a cache can hold.</summary>
/// <param name="Packed">Bits 0–1: family; 2–4: system; 5: mobile; 6: embedded; 8–15: major version, 255 for more.</param>
internal readonly record struct Browser(ushort Packed)
{
    private const int MobileBit = 1 << 5;
    private const int EmbeddedBit = 1 << 6;

    public Browser(BrowserFamily family, int major, BrowserSystem system, bool isMobile, bool isEmbedded)
        : this((ushort)((int)family | (int)system << 2 | (isMobile ? MobileBit : 0) | (isEmbedded ? EmbeddedBit : 0)
            | Math.Clamp(major, 0, byte.MaxValue) << 8))
    {
    }

    /// <summary>The engine.</summary>
    public BrowserFamily Family => (BrowserFamily)(Packed & 3);

    /// <summary>Major version of the engine's own browser: Chrome's, Firefox's, Safari's. 0 when not said, 255 for that and more.</summary>
    public int Major => Packed >> 8;

    /// <summary>The system.</summary>
    public BrowserSystem System => (BrowserSystem)(Packed >> 2 & 7);

    /// <summary>Whether it is a phone's.</summary>
    public bool IsMobile => (Packed & MobileBit) != 0;

    /// <summary>An app's window, a television, or a browser built on the engine: what it sends follows the engine less surely.</summary>
    public bool IsEmbedded => (Packed & EmbeddedBit) != 0;

    /// <summary>Whether this is the engine's own browser, of a version or newer, so that its habits may be expected.</summary>
    public bool IsPlain(BrowserFamily family, int since) => Family == family && Major >= since && !IsEmbedded;
}
