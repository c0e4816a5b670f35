namespace Weir.Detection.Claims;

/// <summary>What words of a user agent, other than crawlers' tokens, say of it.</summary>
[Flags]
internal enum Words : uint
{
    None = 0,

    /// <summary>Names what the program does: bot, crawler, checker.</summary>
    Automation = 1 << 0,

    /// <summary>No screen, or a script holds the wheel.</summary>
    Headless = 1 << 1,

    /// <summary>A web or mail address.</summary>
    Contact = 1 << 2,

    /// <summary>A layout engine or browser that people use.</summary>
    Engine = 1 << 3,

    /// <summary>A phone, set-top box or console browser with no engine name.</summary>
    Device = 1 << 4,

    /// <summary>The HTTP stack that apps of a phone or desktop use.</summary>
    AppStack = 1 << 5,

    /// <summary>A browser that writes its own name where others write Mozilla.</summary>
    OwnForm = 1 << 6,

    /// <summary>"compatible;", which only old browsers and crawlers write.</summary>
    Compatible = 1 << 7,

    /// <summary>A browser that does write "compatible;".</summary>
    CompatibleBrowser = 1 << 8,

    /// <summary>Chrome/ or Chromium/ with a version.</summary>
    Chrome = 1 << 9,

    /// <summary>AppleWebKit.</summary>
    WebKit = 1 << 10,

    /// <summary>A template not filled in, or an attack on whoever parses logs.</summary>
    Malformed = 1 << 11,

    /// <summary>"like Gecko".</summary>
    LikeGecko = 1 << 12,

    /// <summary>Android.</summary>
    Android = 1 << 13,

    /// <summary>A program for developers or servers, no browser.</summary>
    Tool = 1 << 14,

    /// <summary>Internet Explorer or its engine.</summary>
    Trident = 1 << 15,
}

internal static class WordsExtensions
{
    /// <summary>Whether any of the given ones is there.</summary>
    public static bool Has(this Words words, Words any) => (words & any) != Words.None;
}

/// <summary>Words that mean the same, and where they may stand.</summary>
/// <param name="Meaning">What they say.</param>
/// <param name="Left">What may stand before one.</param>
/// <param name="Right">What may stand behind one.</param>
/// <param name="Texts">The words.</param>
internal readonly record struct WordGroup(Words Meaning, Edge Left, Edge Right, string[] Texts);

/// <summary>All words that one pass over a user agent looks for.</summary>
internal static class UserAgentWords
{
    private static readonly WordGroup[] Groups = [.. AutomationWords.Groups, .. BrowserWords.Groups];

    /// <summary>The words as patterns; a pattern's value is an index into <see cref="Meanings"/>.</summary>
    public static IReadOnlyList<Pattern> Patterns { get; } =
    [
        .. Groups.SelectMany((g, i) => g.Texts.Select(t => new Pattern(t, (ushort)i, IsToken: false, g.Left, g.Right))),
    ];

    /// <summary>What each group of words says.</summary>
    public static Words[] Meanings { get; } = Array.ConvertAll(Groups, g => g.Meaning);
}
