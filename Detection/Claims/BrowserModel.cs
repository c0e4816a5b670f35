using System.Buffers;

namespace Weir.Detection.Claims;

/// <summary>
/// How browsers write themselves, piece by piece: "Mozilla/5.0", the platform in brackets, the engine, the browser, what it must look like to.
/// Reads a text that has a browser's form and says what no browser would write.
/// </summary>
/// <remarks>
/// Strict only about desktops, where few programs show pages and all write alike: "Windows NT", "Macintosh" or "X11" comes first, Chrome's engine has been
/// 537.36 since 2013, Firefox repeats its version as rv. Phones' apps, televisions, consoles and what came before them add what they like.
/// </remarks>
internal ref struct BrowserModel
{
    // Far above today's, so that a person with next year's browser is one; a program that counts up or draws lots is above.
    private const int ChromeNewest = 300;
    private const int FirefoxNewest = 300;

    private static readonly SearchValues<char> NameEnds = SearchValues.Create(" /-;,:");

    private readonly BrowserPlatform _platform;
    private bool _hasPlatform;
    private bool _hasWebKit;
    private bool _hasLikeGecko;
    private bool _hasChrome;
    private bool _hasSafari;
    private bool _hasGecko;
    private bool _hasFirefox;
    private bool _hasOther;
    private bool _hasFrame;
    private bool _hasStranger;
    private bool _hasUnknownKin;
    private bool _isAfterKnown;
    private bool _isFrozenEngine;
    private bool _isApplesEngine;
    private int _chrome;
    private int _firefox;
    private bool _isDisordered;
    private bool _isCut;
    private bool _isImpossibleVersion;

    private BrowserModel(in BrowserPlatform platform) => _platform = platform;

    /// <summary>Reasons 9 and 13–15 that hold for a text that begins with Mozilla; none for one that a browser could have written.</summary>
    /// <param name="text">The user agent.</param>
    /// <param name="words">Its words: televisions and old phones are not judged by a desktop's rules.</param>
    public static ReasonSet Read(ReadOnlySpan<char> text, Words words)
    {
        var pieces = new UserAgentProducts(text);
        pieces.MoveNext();
        bool isImpossibleMozilla = !IsMozillaVersion(pieces.Version);
        bool hasPiece = pieces.MoveNext();
        bool hasPlatform = hasPiece && pieces.Kind == PieceKind.Comment;
        var model = new BrowserModel(hasPlatform ? BrowserPlatform.Read(pieces.Name, words) : default) { _hasPlatform = hasPlatform };
        if (hasPlatform)
        {
            model._isCut = !pieces.IsClosed;
            hasPiece = pieces.MoveNext();
        }
        else if (hasPiece && pieces.Kind == PieceKind.Product)
        {
            // The engine where the platform's bracket should be, or the platform without it.
            model._isCut = IsEngine(pieces.Name) || Is(pieces.Name, "Windows");
        }
        for (; hasPiece; hasPiece = pieces.MoveNext())
            model.Consider(pieces);
        return model.Conclude(isImpossibleMozilla);
    }

    private static bool IsMozillaVersion(ReadOnlySpan<char> version) => version.Length == 0 || version[0] is >= '0' and <= '5';

    private static bool IsEngine(ReadOnlySpan<char> name) =>
        Is(name, "AppleWebKit") || Is(name, "Gecko") || Is(name, "Firefox") || Is(name, "Chrome") || Is(name, "Safari");

    private static bool Is(ReadOnlySpan<char> name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);

    private void Consider(in UserAgentProducts piece)
    {
        switch (piece.Kind)
        {
            case PieceKind.Comment:
                ConsiderComment(piece.Name, piece.IsClosed);
                break;
            case PieceKind.Separator:
                // Chrome and Firefox write none; a program that adds its name by a comma does.
                _hasStranger |= _hasSafari || _hasFirefox;
                break;
            case PieceKind.Product:
                _isAfterKnown = false;
                if (!IsPieceOfAll(piece.Name, piece.Version))
                    ConsiderName(piece.Name, piece.Version);
                break;
        }
    }

    private void ConsiderComment(ReadOnlySpan<char> comment, bool isClosed)
    {
        _isCut |= !isClosed;
        if (comment.StartsWith("KHTML", StringComparison.OrdinalIgnoreCase))
            _hasLikeGecko = true;
        else if ((_hasSafari || _hasFirefox) && !_isAfterKnown)
            _hasStranger |= !IsKnownRemark(comment);
    }

    // "(Edition GX)", "(.NET CLR 3.5.30729)", "(like Firefox/3.6)", "(Debian-2.0)".
    private static bool IsKnownRemark(ReadOnlySpan<char> comment)
    {
        comment = comment.TrimStart();
        if (comment.StartsWith(".NET", StringComparison.OrdinalIgnoreCase) || comment.IndexOfAnyInRange('0', '9') == 0)
            return true;
        int end = comment.IndexOfAny(NameEnds);
        return BrowserNames.KindOf(end < 0 ? comment : comment[..end]) != NameKind.Unknown;
    }

    // What browsers of every make write. Told apart by length first: nearly every piece of nearly every user agent is one of these.
    private bool IsPieceOfAll(ReadOnlySpan<char> name, ReadOnlySpan<char> version)
    {
        switch (name.Length)
        {
            case 5 when Is(name, "Gecko"):
                _hasGecko = true;
                return true;
            case 6 when Is(name, "Chrome"):
                ReadChrome(version);
                return true;
            case 6 when Is(name, "Safari"):
                _hasSafari = true;
                _isCut |= _platform.IsDesktop && _isFrozenEngine && !version.Contains('.');
                return true;
            case 6:
                return Is(name, "Mobile");
            case 7 when Is(name, "Firefox"):
                _hasFirefox = true;
                // What stood in its place before it came was none of its kin.
                _hasStranger |= _hasUnknownKin;
                _firefox = Major(version);
                _isImpossibleVersion |= _firefox > FirefoxNewest;
                return true;
            case 7:
                return Is(name, "Version");
            case 11 when Is(name, "AppleWebKit"):
                _isDisordered |= _hasChrome || _hasSafari;
                _hasWebKit = true;
                _isFrozenEngine = version.StartsWith("537.36", StringComparison.Ordinal);
                _isApplesEngine = version.StartsWith("605.1.15", StringComparison.Ordinal);
                return true;
            default:
                return false;
        }
    }

    private void ReadChrome(ReadOnlySpan<char> version)
    {
        _isDisordered |= _hasSafari;
        _hasChrome = true;
        _chrome = Major(version);
        _isImpossibleVersion |= _chrome > ChromeNewest || (_chrome < 0 && (_platform.IsDesktop || version.Length > 0));
    }

    private void ConsiderName(ReadOnlySpan<char> name, ReadOnlySpan<char> version)
    {
        if (!(_platform.IsDesktop || _platform.IsStrange) || !IsName(name))
            return;
        var kind = BrowserNames.KindOf(name);
        if (kind == NameKind.Unknown && IsWrittenAsBrowsersAre(version))
            kind = NameKind.Browser;
        else if (kind == NameKind.Unknown && StandsWhereFirefoxDoes())
            _hasUnknownKin = true;
        if (_hasUnknownKin && kind == NameKind.Unknown)
            kind = NameKind.Browser;
        _isAfterKnown = kind is NameKind.Browser or NameKind.Frame;
        _hasFrame |= kind == NameKind.Frame;
        _hasOther |= kind is NameKind.Browser or NameKind.Frame;
        // "Element Browser 5.0" is one name in two words.
        _hasStranger = kind == NameKind.Unknown || (_hasStranger && !name.Equals("Browser", StringComparison.OrdinalIgnoreCase));
    }

    // Browsers and apps are built by the hundred and count their builds; programs add a name alone, or their first versions.
    private static bool IsWrittenAsBrowsersAre(ReadOnlySpan<char> version) => version.Count('.') >= 2;

    private readonly bool StandsWhereFirefoxDoes() => _hasGecko && !_hasWebKit && !_hasFirefox && !_hasOther;

    // Fewer letters are a browser's mishap or a number's, and no name.
    private static bool IsName(ReadOnlySpan<char> name)
    {
        int letters = 0;
        foreach (char c in name)
            letters += char.IsLetter(c) ? 1 : 0;
        return letters >= 3;
    }

    private readonly ReasonSet Conclude(bool isImpossibleMozilla)
    {
        var reasons = default(ReasonSet);
        if (_isImpossibleVersion || _platform.IsImpossible || isImpossibleMozilla)
            reasons = reasons.With(Reason.ImpossibleVersion);
        if (_isCut && (_platform.IsDesktop || !_hasPlatform))
            reasons = reasons.With(Reason.BrowserCutShort);
        bool isOwn = !_hasOther && !_hasFrame;
        if (_platform.IsStrange && isOwn && _hasChrome && _isFrozenEngine)
            reasons = reasons.With(Reason.StrangerInBrowser);
        if (!_platform.IsDesktop)
            return reasons;
        if (isOwn && IsInventedEngine())
            reasons = reasons.With(Reason.ImpossibleVersion);
        if (isOwn && IsCutShort())
            reasons = reasons.With(Reason.BrowserCutShort);
        if (isOwn && _isDisordered)
            reasons = reasons.With(Reason.ImpossibleBrowser);
        if (!_hasFrame && !IsAppsView() && (_hasStranger || (isOwn && _platform.HasStranger)))
            reasons = reasons.With(Reason.StrangerInBrowser);
        return reasons;
    }

    // A view in an app for Apple's desktop ends with the app's name, and without Safari's.
    private readonly bool IsAppsView() => _platform.IsMac && _hasWebKit && !_isFrozenEngine && !_hasSafari && !_hasChrome;

    // Chrome left WebKit at 537.36; Firefox repeats its version as rv, which stood at 109 for a year.
    private readonly bool IsInventedEngine()
    {
        if (_hasChrome && _hasWebKit && _chrome >= 28 && !_isFrozenEngine && !_isApplesEngine)
            return true;
        return _hasFirefox && _firefox >= 6 && _platform.Revision > 0 && _platform.Revision != _firefox && !(_platform.Revision == 109 && _firefox is >= 110 and < 120);
    }

    private readonly bool IsCutShort()
    {
        if (_hasWebKit && (!_hasLikeGecko || (_hasChrome && !_hasSafari)))
            return true;
        // Apple's own views end behind the engine, and theirs is not 537.36.
        if (_hasWebKit && _hasLikeGecko && !_hasChrome && !_hasSafari && _isFrozenEngine)
            return true;
        if (_hasFirefox && _firefox >= 5 && (!_hasGecko || _platform.Revision < 0))
            return true;
        return _hasGecko && !_hasFirefox && !_hasWebKit && !_platform.IsTrident && _platform.Revision >= 5;
    }

    /// <summary>The number before the first dot; -1 when none stands there.</summary>
    public static int Major(ReadOnlySpan<char> version)
    {
        int value = -1;
        foreach (char c in version)
        {
            if (!char.IsAsciiDigit(c))
                return value < 0 || c is '.' or '_' || !char.IsAsciiLetter(c) || value > 0 ? value : -1;
            value = Math.Min(Math.Max(value, 0) * 10 + (c - '0'), 1_000_000);
        }
        return value;
    }
}
