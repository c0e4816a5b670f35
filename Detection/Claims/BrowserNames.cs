using System.Collections.Frozen;

namespace Weir.Detection.Claims;

/// <summary>What a name in a browser's user agent stands for.</summary>
internal enum NameKind : byte
{
    /// <summary>Nobody's name that we know.</summary>
    Unknown = 0,

    /// <summary>A piece that browsers of every make write.</summary>
    Piece = 1,

    /// <summary>A browser, or an app that shows pages to a person.</summary>
    Browser = 2,

    /// <summary>A frame that apps are built in, which add names of their own.</summary>
    Frame = 3,

    /// <summary>A system, or somebody who ships one.</summary>
    System = 4,
}

/// <summary>The names that stand in user agents of people's browsers on desktops. Written from what browsers are and were there; phones' apps
/// are too many to list, and are not judged by name.</summary>
internal static class BrowserNames
{
    private static readonly string[] Pieces =
    [
        "Mozilla", "AppleWebKit", "WebKit", "Safari", "Chrome", "Chromium", "Version", "Mobile", "Gecko", "KHTML", "like",
        "Firefox", "Goanna", "Presto", "Trident", "CE-HTML", "Desktop", "Tablet", "Touch", "beta", "alpha", "pre", "for", "on",
        "Edition", "Community", "Enterprise", "Private", "Build", "Browser", "Google", "Microsoft", "not", "NetType", "Language",
        "WIFI", "unlike", "with", "TV", "VR", "Model", "Release", "Profile", "Configuration", "libwww", "Mac", "OS", "X", "Light",
        "Lite", "Mini", "Pro", "Plus", "Core", "Channel", "Region", "AppName", "package", "Package", "version", "SVN", "theme",
        "Corporation",
    ];

    private static readonly string[] Browsers =
    [
        // Chromium's kin
        "Edg", "Edge", "EdgA", "EdgiOS", "OPR", "OPRGX", "OPT", "OPX", "Opera", "Vivaldi", "Viv", "Brave", "YaBrowser", "Yowser",
        "SA", "BroPP", "YaSearchBrowser", "webOmni", "Iron", "SRWare", "Dragon", "Comodo", "Comodo_Dragon", "Slimjet", "Slimboat",
        "Maxthon", "MxNitro", "MxBrowser", "QQ", "QBCore", "QIHU", "360SE", "360EE", "360Chrome", "360", "SE", "2.X", "MetaSr",
        "LBBROWSER", "BIDUBrowser", "UBrowser", "TheWorld", "CoolNovo", "RockMelt", "Flock", "Whale", "coc_coc_browser", "CocCoc",
        "Sleipnir", "Lunascape", "Kinza", "Iridium", "Epic", "Torch", "Orbitum", "Amigo", "MRCHROME", "Nichrome", "Chromodo",
        "Superbird", "Beamrise", "Coowon", "Avast", "AVG", "Avira", "AviraScout", "CCleaner", "Norton", "Ghostery", "Cliqz",
        "Comet", "Perplexity", "Dia", "Arc", "Atlas", "Sidekick", "Wavebox", "Rambox", "Biscuit", "Station", "Stack", "Shift",
        "Ulaa", "Catsxp", "CatsXP", "Cent", "CentBrowser", "Chedot", "Polarity", "Citrio", "Sputnik", "Atom", "Uran", "Kometa",
        "Elements", "Blisk", "Sizzy", "Polypane", "Responsively", "Min", "Beaker", "Mises", "Decentr", "Osiris", "OceanHero",
        "Ecosia", "Presearch", "Qwant", "Startpage", "Swing", "Hola", "Puffin", "DuckDuckGo", "Ddg", "Kagi", "Orion", "Thorium",
        "Supermium", "Cromite", "Bromite", "Kiwi", "Ungoogled", "Helium", "Zen", "Quark", "UCPC", "115", "2345Explorer",
        "2345chrome", "2345", "Nitro", "Seznam.cz", "SznProhlizec", "Mustang", "Crypto", "AOL", "AOLShield", "Shield", "XiaoMi",
        "GOST", "Skyfire", "iTop", "Spark", "SOC", "Lovense", "BriskBard", "Ninesky", "Sundial", "Helio", "BlackHawk", "Torrent",
        "Chromebook", "CrKey", "Steam", "Valve", "GameOverlay", "Client", "GLS", "Origin", "QtCarBrowser", "Tesla", "Oculus",
        "OculusBrowser", "Wolvic", "Silk", "Silk-Accelerated=true", "Silk-Accelerated=false", "SamsungBrowser", "HuaweiBrowser",
        "HMSCore", "CriOS", "FxiOS", "GSA", "Spotify", "GoogleEarth", "Earth", "Kindle", "Edition", "VMware", "Citrix",
        "Workspace", "AirWatch", "Zoom", "ZoomWebKit", "Teams", "TeamsMobile", "Slack_SSB", "Skype", "SkypeShell", "Discord",
        "Figma", "Notion", "Viber", "Telegram", "Superhuman", "Whatsapp", "Messenger", "Facebook", "MessengerDesktop", "LINE",
        "KAKAOTALK", "Trillian", "Outlook", "Colibri", "Dooble", "Crusta", "Konqueror", "Falkon", "QupZilla", "qutebrowser",
        "rekonq", "Otter", "Arora", "Midori", "Epiphany", "Surf", "luakit", "uzbl", "Uzbl", "vimb", "vimprobable", "vimprobable2",
        "dwb", "xombrero", "Vimari", "Eolie", "Ephy", "GNOME", "Web", "Nyxt", "next", "Viper", "Dillo", "NetSurf", "Lariza",
        "wyeb", "badwolf", "Angelfish", "Morph", "Sailfish", "Avant", "Endless", "Aloha", "AlohaBrowser", "Naver", "NAVER",
        "WebDiscover", "Iris", "Tungsten", "SlimBrowser", "Ybrowser", "Yuzu", "Nox", "Temple", "Ladybird", "Servo", "Flow",
        "EkiohFlow", "Sundance", "Hbbtv", "HbbTV", "Espial", "VIDAA", "OMI", "SmartTV", "SmartTvA", "WebAppManager", "WhaleTV",
        "Roku", "Freebox",
        // smaller ones, and apps that show pages in a window of Chromium's
        "7Star", "ABrowse", "AWeb", "Amiga-AWeb", "Aplix", "Arctic", "BeagleBrowse", "BrowseX", "Browzar", "Browlser",
        "Bunjalloo", "Carbon", "Charon", "Cheshire", "CoRom", "CometBird", "CravingExplorer", "Cunaguaro", "Cyberdog",
        "Cyclone", "DocZilla", "Deledao", "Dorado", "Element", "Elinks", "Enigma", "Fireweb", "FreeU", "Fulldive", "Ginx",
        "GlassPane", "Gener8", "Gexing", "GreenTree", "HotJava", "Hyena", "IBrowse", "IceWeb", "iNet", "Isivioo", "JetBrains",
        "JUZI", "Jasmine", "Jio", "JioPages", "JioSphere", "Kylo", "Kitt", "Kode", "Konqi", "Lagatos", "Lexi", "LieBao",
        "LieBaoFast", "LinkenSphere", "Liri", "Lobo", "LogicUI", "Lulumi", "LuxApp", "Lynket", "MaCross", "Mobicip", "Monument",
        "Mocha", "MultiZilla", "MX5", "Neeva", "NetPositive", "NetBox", "NeoPlanet", "Nuviu", "Odin", "OffByOne", "OneLaunch",
        "Oregano", "OrNET", "Oxygen", "Pale", "Perk", "Phaseout", "PICO", "PocketBook", "Polaris", "PrivacyWall", "Privatus",
        "QuickBrowse", "QuarkPC", "Quetta", "RealPlayer", "SEB", "SafeExam", "Salamweb", "Seewo", "Sber", "SFive", "Sidewinder",
        "Singlebox", "Skyleap", "Smooz", "Snowshoe", "Sogou", "SogouExplorer", "Stargon", "Startium", "SurfSafe", "Surfy",
        "T-Online", "TOnline", "Tenta", "TheWorld6", "Tusk", "TweakStyle", "UR", "Ume", "Vast", "Vewd", "VibeMate", "Viasat",
        "Vonkeror", "WebExplorer", "WebKitty", "Wexond", "Wukong", "Xvast", "xStand", "Yaani", "Yandex", "Zetakey", "Zirco",
        "ZipZap", "Obsidian", "Logseq", "Monday", "Asana", "Trello", "OneNote", "Excel", "PowerPoint", "Office", "Todoist",
        "TickTick", "Bear", "Element-Desktop", "Mattermost", "Rocket.Chat", "RocketChat", "Wire", "Threema", "Zalo", "Franz",
        "Ferdi", "Ferdium", "Hamsket", "Mailspring", "Thunder", "Twitch", "Plex", "PlexHTPC", "Kodi", "Stremio", "Tidal",
        "Deezer", "YouTubeMusic", "Netflix", "Hulu", "Roblox", "RobloxStudio", "Minecraft", "Battle.net", "BattleNet", "GOG",
        "LeagueClient", "RiotClient", "EADesktop", "Uplay", "Ubisoft", "Bethesda", "WeGame", "GitHubDesktop", "VSCode",
        "Cursor", "Anki", "Calibre", "Moodle", "Respondus", "LockDown", "Proctorio", "Kiosk", "KioWare", "SiteKiosk", "Porteus",
        "Fully", "Webex", "WebexTeams", "RingCentral", "Dialpad", "GoToMeeting", "Grammarly", "Dashlane", "1Password",
        "Bitwarden", "LastPass", "Keeper",
        // Firefox's kin
        "SeaMonkey", "PaleMoon", "Basilisk", "Waterfox", "Cyberfox", "IceCat", "Iceweasel", "Iceape", "IceDragon", "Icedove",
        "IceWolf", "LibreWolf", "Floorp", "Mypal", "K-Meleon", "K-MeleonCCFME", "Camino", "Galeon", "Kazehakase", "Conkeror",
        "Netscape", "Netscape6", "Netscape7", "Navigator", "Firebird", "Phoenix", "Minefield", "Namoroka", "Shiretoko",
        "GranParadiso", "BonEcho", "DeerPark", "Bon", "Echo", "Lorentz", "Aurora", "Nightly", "Daybreak", "Swiftfox",
        "Swiftweasel", "Songbird", "Nightingale", "Thunderbird", "Lightning", "Postbox", "Spicebird", "Eudora", "Sunbird",
        "Prism", "Fennec", "TenFourFox", "Clecko", "Classilla", "InterWebPPC", "Light", "Lolifox", "Orca", "Wyzo", "Beonex",
        "Sylera", "Palemoon", "Borealis", "Serpent", "Centaury", "ArcticFox", "Iceraven", "Mull", "Tor", "Torbirdy",
        "BlueGriffon", "Nvu", "KompoZer", "Composer", "Instantbird", "Celtx", "Miro", "Zotero", "Firephp", "FirePHP", "WebVisum",
        "Ant.com", "AskTB", "FBSMTWB", "GTB", "GTBDFff", "Ancestry", "Glow", "Dragonfly", "Superswan", "Fire", "Flashfox",
        "PlayFree", "Ordissimo", "webissimo3", "Pogo", "Portable", "Comodo_IceDragon",
        // Apple's and WebKit's kin
        "OmniWeb", "Shiira", "iCab", "Sunrise", "SunriseBrowser", "Stainless", "Fluid", "Cruz", "Roccat", "Raven", "DeskBrowse",
        "BumperCar", "Hana", "Demeter", "NetNewsWire", "Mail", "MailMaster", "QuickLook", "Dashboard", "iTunes", "iChat",
        "Paparazzi!", "Coda", "Espresso", "TextMate", "Dreamweaver", "Evernote", "WebClip", "OWB", "Odyssey", "Origyn",
        "WebPositive", "Haiku", "BeZilla", "Bezilla", "NintendoBrowser", "NX", "NF", "NetFront", "Nokia", "S40OviBrowser",
        "Dolfin", "wOSBrowser", "Pre", "Pixi",
        // names that ride on Internet Explorer's or stand between two others
        "MSN", "MSNExplorer", "GreenBrowser", "Crazy", "Acoo", "Deepnet", "TencentTraveler", "MyIE2", "MyIE", "NetCaptor",
        "AvantBrowser", "Blazer", "WebPro", "MSIE", "Hotbar", "MicroMessenger", "WindowsWechat", "Wechat", "WeChat", "Weixin",
        "MiniProgramEnv", "XWEB", "Flue", "wxwork", "DingTalk", "Lark", "Feishu", "QBWebViewType", "NetFx", "bdbrowser",
        "baidubrowser", "T7", "Alipay", "AliApp", "Taobao", "TaoBrowser", "Douyin", "Nuance", "JAWS", "WebbIE", "NVDA",
        "Read&Write", "ZoomText",
    ];

    private static readonly string[] Frames =
    [
        "Electron", "AtomShell", "QtWebEngine", "QtWebKit", "Qt", "AdobeAIR", "Adobe", "CEF", "CefSharp", "cef", "Awesomium",
        "nwjs", "node-webkit", "JavaFX", "OpenFin", "Overwolf", "MSAppHost", "WebView", "WebView2", "Edgeuwp", "UnrealEngine",
        "Unity", "WindowsStore", "Tauri", "wry", "WebViewApp", "Ultralight", "Crosswalk", "Cobalt", "Starboard", "Photon",
        "WebKitGTK", "WebKitGTK+", "webkitgtk", "EpicGamesLauncher", "osmeta", "Coherent", "GameFace", "DeskMetrics", "Titanium",
        "Teams", "MicroMessenger", "JsSdk", "BytedanceWebview",
    ];

    private static readonly string[] Systems =
    [
        "Linux", "GNU", "Ubuntu", "Kubuntu", "Xubuntu", "Lubuntu", "Debian", "Raspbian", "Fedora", "Red", "Hat", "RedHat", "RHEL",
        "CentOS", "Rocky", "AlmaLinux", "Scientific", "SUSE", "openSUSE", "Mandriva", "Mandrake", "OpenMandriva", "Mageia",
        "ROSA", "ALT", "ALTLinux", "Gentoo", "Sabayon", "Slackware", "Arch", "ArchLinux", "Manjaro", "Mint", "LinuxMint", "LMDE",
        "elementary", "PCLinuxOS", "Zorin", "Trisquel", "gNewSense", "Parabola", "Puppy", "Knoppix", "MEPIS", "Xandros",
        "Linspire", "Lindows", "Turbolinux", "Vine", "VineLinux", "Momonga", "Ark", "Arklinux", "Pardus", "Foresight",
        "Frugalware", "Jolicloud", "Joli", "moonOS", "Asianux", "Kanotix", "sidux", "Void", "NixOS", "Guix", "Solus", "Deepin",
        "UOS", "Kylin", "Astra", "FreeBSD", "OpenBSD", "NetBSD", "DragonFly", "GhostBSD", "TrueOS", "PC-BSD", "Solaris",
        "OpenSolaris", "OpenIndiana", "illumos", "SunOS", "HP-UX", "AIX", "IRIX", "IRIX64", "OSF1", "QNX", "OS/2", "Warp", "BeOS",
        "Haiku", "AmigaOS", "MorphOS", "AROS", "RISC", "ReactOS", "Fuchsia", "CrOS", "Maemo", "MeeGo", "Tizen", "Web0S", "webOS",
        "OpenHarmony", "HarmonyOS", "Fink", "MacPorts", "Homebrew", "CyanogenMod", "Moblin", "WeTab", "Android", "Symbian",
        "Darwin", "Unix", "Power", "SerenityOS", "Windows", "Win64", "Win32", "WinNT", "Win98", "Win95", "WOW64", "x64", "x86",
        "x86_64", "x32", "i386", "i486", "i586", "i686", "amd64", "AMD64", "IA64", "ARM", "ARM64", "arm64", "aarch64", "armv6l",
        "armv7l", "armv8l", "ppc", "ppc64", "ppc64le", "riscv64", "mips", "sparc", "sun4u", "sun4m", "alpha", "Macintosh",
        "Intel", "PPC", "Mach-O", "68K", "X11", "Wayland", "KDE", "Xbox", "Tablet", "Touch", "Media", "Silverlight", "GTB",
        "chromeframe", "compatible", "rv", "Trident", "MALC", "MALN", "MALNJS", "MDDR", "MDDC", "MAAU", "MASP", "MASB", "MAGW",
        "MAAR", "MATM", "MATP", "MAMI", "MAMD", "MANM", "MAFS", "MAEM", "LCJB", "LCTE", "ASU2JS", "TNJB", "YPE", "HPNTDF",
        "HPDTDF", "NP06", "NP07", "NP08", "NP09", "EIE10", "EIE11", "BOIE9", "BOIE8", "BO1IE8", "BO1IE9", "CMNTDF", "CMDTDF",
        "ASJB", "GWX", "SLCC1", "SLCC2", "InfoPath", "KTXN",
    ];

    private static readonly FrozenDictionary<string, NameKind>.AlternateLookup<ReadOnlySpan<char>> Kinds = Fill();

    /// <summary>What a product's name stands for.</summary>
    public static NameKind KindOf(ReadOnlySpan<char> name)
    {
        if (Kinds.TryGetValue(name, out var kind))
            return kind;
        // Hundreds of small browsers call themselves so; a fox is Firefox's kin.
        return name.Contains("browser", StringComparison.OrdinalIgnoreCase) || name.EndsWith("fox", StringComparison.OrdinalIgnoreCase)
            || name.Contains("webview", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Chrom", StringComparison.OrdinalIgnoreCase)
            ? NameKind.Browser : NameKind.Unknown;
    }

    private static FrozenDictionary<string, NameKind>.AlternateLookup<ReadOnlySpan<char>> Fill()
    {
        Dictionary<string, NameKind> kinds = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (names, kind) in ((string[], NameKind)[])[(Frames, NameKind.Frame), (Pieces, NameKind.Piece), (Systems, NameKind.System), (Browsers, NameKind.Browser)])
        {
            foreach (string name in names)
                kinds.TryAdd(name, kind);
        }
        return kinds.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
    }
}
