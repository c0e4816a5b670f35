namespace Weir.Detection.Claims;

/// <summary>Words by which browsers, phones, televisions and people's apps are known. Written from what these are and were.</summary>
internal static class BrowserWords
{
    public static WordGroup[] Groups { get; } =
    [
        new(Words.Engine, Edge.Camel, Edge.Any,
            ["gecko/", "firefox/", "safari/", "edge/", "opera", "presto/", "khtml/", "konqueror", "goanna/", "clecko/",
             "ladybird/", "cobalt/", "silk/", "servo/", "netscape", "chromium/", "polaris/", "dolfin/", "espial/", "icebrowser/",
             "ezbrowser/", "browsex", "acorn browse", "acorn phoenix", "sundance/", "khtml, like gecko", "ibrowse", "voyager;",
             "libweb"]),
        new(Words.Engine | Words.Trident, Edge.Camel, Edge.Any, ["msie", "trident/"]),
        new(Words.Engine, Edge.Any, Edge.Any, [") gecko"]),
        new(Words.Engine | Words.Chrome, Edge.Camel, Edge.Any, ["chrome/", "crios/"]),
        new(Words.Engine | Words.WebKit, Edge.Camel, Edge.Any, ["applewebkit"]),
        // Phones, televisions, consoles, cars, readers.
        new(Words.Device, Edge.Any, Edge.Any,
            ["midp-", "cldc-", "profile/midp", "configuration/cldc", "up.browser", "up.link", "netfront", "obigo", "teleca",
             "symbianos", "symbian/", "series60", "series40", "nucleus/", "windows ce", "windows mobile", "iemobile",
             "blackberry", "hbbtv", "smart-tv", "smarttv", "smarthub", "webos", "web0s", "maui", "openwave", "novarra", "tizen",
             "playstation", "nintendo", "ucbrowser", "ucweb", "bada/", "mtk ", "maemo", "meego", "kaios", "inettvbrowser",
             "freebox", "viera", "bravia", "roku", "brew ", "mqqbrowser", "windows phone", "/wap", "wap browser", "wap-browser",
             "wapbrowser", "netcast", "googletv", "crkey", "appletv", "apple tv", "ce-html", "vidaa", "nettv/", "palmos",
             "palmsource", "webtv", "dreamcast", "dvp-", "openharmony", "kindle", "kobo", "pocketbook", "(symbian",
             "qtcarbrowser", "gx=", "opera mini", "opera mobi", "ddipocket", "willcom"]),
        // Systems that nobody writes a program for today, but that people still start.
        new(Words.Device, Edge.Camel, Edge.Camel,
            ["amigaos", "amiga", "morphos", "aros", "beos", "haiku", "risc os", "riscos", "acorn", "commodore", "atari", "os/2",
             "newtonos", "sega", "mac_powerpc", "68k", "serenityos", "qnx", "windows 3.1", "win16", "windows 16-bit"]),
        new(Words.Device, Edge.Whole, Edge.Whole, ["wap", "wince", "newton", "sraf"]),
        // The HTTP stacks of people's apps.
        new(Words.AppStack, Edge.Whole, Edge.Any,
            ["dalvik/", "cfnetwork/", "darwin/", "applecoremedia/", "mozacfetch", "fbav/", "fban/", "iphone", "ipad", "ipod",
             "ios ", "ios/", "iphone os", "iphoneos", "gog galaxy", "microsoft office", "itunes/", "cronet/", "exoplayerlib/",
             "windows phone/"]),
        // Browsers that begin with their own name.
        new(Words.OwnForm, Edge.Whole, Edge.Any,
            ["lynx/", "elinks", "links (", "w3m/", "dillo", "netsurf/", "amaya/", "icab", "midori/", "omniweb/", "uzbl",
             "vimprobable", "linemode", "arachne", "ibrowser/", "mobilesafari", "edbrowse", "retawq", "emacs/w3", "emacs-w3m",
             "amigavoyager", "aweb", "ibrowse/", "netpositive", "hotjava", "cyberdog", "offbyone", "contiki", "eudoraweb",
             "xiino", "avantgo", "elaine/", "planetweb", "dreampassport", "dreamkey", "winwap", "jblend", "teashark",
             "webexplorer", "macweb", "opera/", "opera ", "palmscape", "sraf/", "untrusted/", "charon", "chimera/", "cello/",
             "viola", "mothra", "surfboard", "galeon/", "dooble/", "hv3", "tkwww", "udiwww", "slipknot", "netcruiser", "prodigy-wb"]),
        new(Words.OwnForm, Edge.Camel, Edge.Any, ["mosaic"]),
        new(Words.OwnForm, Edge.Any, Edge.Whole, ["browser"]),
        new(Words.Android, Edge.Whole, Edge.Whole, ["android", "adr"]),
        // "compatible;" is what old browsers and crawlers write.
        new(Words.Compatible, Edge.Whole, Edge.Any, ["compatible;"]),
        new(Words.CompatibleBrowser, Edge.Whole, Edge.Any,
            ["msie", "konqueror", "icab", "omniweb", "netfront", "opera", "voyager", "netpositive", "acorn", "elaine", "blazer",
             "avantgo", "ibrowse", "dillo", "netsurf", "sundance", "windows; u", "webpositive", "haiku", "mspie", "webtv",
             "offbyone"]),
        new(Words.LikeGecko, Edge.Any, Edge.Any, ["khtml, like gecko"]),
    ];
}
