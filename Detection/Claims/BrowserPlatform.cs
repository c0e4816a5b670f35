using System.Buffers;

namespace Weir.Detection.Claims;

/// <summary>What the first bracket of a browser's user agent says: the system it runs on.</summary>
internal readonly record struct BrowserPlatform
{
    // The last one that Microsoft made and those that were frozen are exact; the others lie far above today's.
    private const int ExplorerNewest = 11;
    private const int MacMinorNewest = 20;
    private const int AndroidNewest = 40;
    private const int AppleNewest = 60;

    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" /:_=,");

    /// <summary>Whether it is a desktop with nothing that speaks for a television, a phone or a car.</summary>
    public bool IsDesktop { get; private init; }

    /// <summary>Whether it is Apple's desktop.</summary>
    public bool IsMac { get; private init; }

    /// <summary>Whether Internet Explorer wrote it, which let anybody add to it.</summary>
    public bool IsTrident { get; private init; }

    /// <summary>Whether the system or browser has a version that was never made.</summary>
    public bool IsImpossible { get; private init; }

    /// <summary>Whether it holds a name that is no system's, language's or browser's.</summary>
    public bool HasStranger { get; private init; }

    /// <summary>Whether it begins with no system's name.</summary>
    public bool IsStrange { get; private init; }

    /// <summary>The number behind "rv:"; -1 when there is none.</summary>
    public int Revision { get; private init; }

    /// <summary>Reads the first bracket.</summary>
    public static BrowserPlatform Read(ReadOnlySpan<char> comment, Words words)
    {
        var rest = comment;
        UserAgentProducts.TryCutItem(ref rest, out var first);
        bool isTrident = words.Has(Words.Trident);
        bool isDesktop = !words.Has(Words.Device | Words.Android) && (IsDesktopSystem(first) || IsWindows(comment))
            && !IsSmallMachine(comment);
        bool isImpossible = IsImpossibleItem(first), hasStranger = isDesktop && !isTrident && IsStranger(first);
        bool isStrange = !isDesktop && !words.Has(Words.Device | Words.Android | Words.AppStack | Words.Trident | Words.Compatible)
            && IsStranger(first);
        int revision = -1;
        while (UserAgentProducts.TryCutItem(ref rest, out var item))
        {
            isImpossible |= IsImpossibleItem(item);
            if (item.StartsWith("rv:", StringComparison.OrdinalIgnoreCase))
                revision = BrowserModel.Major(item[3..]);
            else if (isDesktop && !isTrident)
                hasStranger |= IsStranger(item);
        }
        return new BrowserPlatform
        {
            IsDesktop = isDesktop,
            IsMac = first.StartsWith("Macintosh", StringComparison.OrdinalIgnoreCase),
            IsTrident = isTrident,
            IsImpossible = isImpossible,
            HasStranger = hasStranger,
            IsStrange = isStrange,
            Revision = revision,
        };
    }

    private static bool IsDesktopSystem(ReadOnlySpan<char> item) =>
        item.StartsWith("Windows NT", StringComparison.OrdinalIgnoreCase) || item.Equals("Windows", StringComparison.OrdinalIgnoreCase)
        || item.StartsWith("Macintosh", StringComparison.OrdinalIgnoreCase) || item.StartsWith("X11", StringComparison.OrdinalIgnoreCase);

    // Televisions and boxes run a desktop's Linux on a phone's processor.
    private static bool IsSmallMachine(ReadOnlySpan<char> comment) => comment.StartsWith("X11", StringComparison.OrdinalIgnoreCase)
        && (comment.Contains(" arm", StringComparison.OrdinalIgnoreCase) || comment.Contains(" aarch64", StringComparison.OrdinalIgnoreCase)
            || comment.Contains(" mips", StringComparison.OrdinalIgnoreCase));

    private static bool IsWindows(ReadOnlySpan<char> comment) => comment.Contains("Windows NT", StringComparison.OrdinalIgnoreCase);

    // Told apart by the first letter, because every item of every platform passes here.
    private static bool IsImpossibleItem(ReadOnlySpan<char> item)
    {
        const string windows = "Windows NT ", android = "Android ", explorer = "MSIE", mac = "Intel Mac OS X 10", apple = "CPU ";
        if (item.Length < explorer.Length)
            return false;
        switch (item[0] | 0x20)
        {
            case 'w' when item.StartsWith(windows, StringComparison.OrdinalIgnoreCase):
                return !IsWindowsVersion(item[windows.Length..]);
            case 'a' when item.StartsWith(android, StringComparison.OrdinalIgnoreCase):
                return BrowserModel.Major(item[android.Length..]) > AndroidNewest;
            case 'm' when item.StartsWith(explorer, StringComparison.OrdinalIgnoreCase):
                return item.Length == explorer.Length || BrowserModel.Major(item[(explorer.Length + 1)..]) > ExplorerNewest;
            case 'i' when item.Length > mac.Length + 1 && item.StartsWith(mac, StringComparison.OrdinalIgnoreCase):
                return BrowserModel.Major(item[(mac.Length + 1)..]) > MacMinorNewest;
            case 'c' when item.StartsWith(apple, StringComparison.OrdinalIgnoreCase):
                int system = item.IndexOf("OS ", StringComparison.OrdinalIgnoreCase);
                // Early Apple systems wrote their version without a separator.
                return system > 0 && BrowserModel.Major(item[(system + 3)..]) is > AppleNewest and < 1000;
            default:
                return false;
        }
    }

    // Microsoft has made these and no others; what stands behind them is a toolbar's or a proxy's.
    private static bool IsWindowsVersion(ReadOnlySpan<char> version)
    {
        int major = BrowserModel.Major(version);
        int dot = version.IndexOf('.');
        int minor = dot < 0 ? 0 : BrowserModel.Major(version[(dot + 1)..]);
        return major switch
        {
            < 0 or 3 or 4 => true,
            5 => minor <= 3,
            6 => minor <= 4,
            10 => minor == 0,
            _ => false,
        };
    }

    // An item is judged by its first word; versions, languages and numbers are nobody's name.
    private static bool IsStranger(ReadOnlySpan<char> item)
    {
        if (item.Length < 4 || item.StartsWith("Win", StringComparison.OrdinalIgnoreCase))
            return false;
        int end = item.IndexOfAny(NameEnds);
        var name = end < 0 ? item : item[..end];
        if (name.Length < 4 || !char.IsLetter(name[0]) || IsLanguage(item))
            return false;
        return BrowserNames.KindOf(name) == NameKind.Unknown && BrowserNames.KindOf(item) == NameKind.Unknown;
    }

    // "en-US", "zh_CN", "sr-Latn".
    private static bool IsLanguage(ReadOnlySpan<char> item)
    {
        int dash = item.IndexOfAny('-', '_');
        return dash is 2 or 3 && item.Length <= 10;
    }
}
