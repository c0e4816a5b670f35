namespace Weir.Tests.Robots;

/// <summary>What Google's robots.txt parser is tested with, as data.</summary>
/// <remarks>
/// The files, agents, addresses and answers are those of robots_test.cc in google/robotstxt (21fc90b), Copyright 2019 Google LLC,
/// Apache License 2.0. Four of its expectations are turned round here, in <see cref="Departures"/>, each for the reason that stands there.
/// </remarks>
internal static class GoogleCases
{
    /// <summary>Lines of the file are parted by |.</summary>
    internal sealed record Case(string Name, string File, string Agent, string[] Allowed, string[] Disallowed);

    private const string Foo = "FooBot";
    private static readonly string LongA = "/x/" + new string('a', 16_649);
    private static readonly string LongAllowA = "/x/" + new string('a', 16_652);
    private static readonly string LongAllowB = "/x/" + new string('b', 16_652);

    public static Case[] All { get; } =
    [
        new("system: no file", "", Foo, ["", "/"], []),
        new("system: nobody asks", "user-agent: FooBot|disallow: /", "", [""], []),
        new("system: no address", "user-agent: FooBot|disallow: /", Foo, [], [""]),
        new("system: nothing at all", "", "", [""], []),
        new("lines: right", "user-agent: FooBot|disallow: /", Foo, [], ["http://foo.bar/x/y"]),
        new("lines: other names", "foo: FooBot|bar: /", Foo, ["http://foo.bar/x/y"], []),
        new("lines: no colons", "user-agent FooBot|disallow /", Foo, [], ["http://foo.bar/x/y"]),
        .. Groups("FooBot", ["/x/b", "/z/d"], ["/y/c", "/foo/bar/"]),
        .. Groups("BarBot", ["/y/c", "/w/a"], ["/z/d", "/foo/bar/"]),
        .. Groups("BazBot", ["/z/d"], ["/foo/bar/"]),
        .. EachCase("USER-AGENT: FooBot|ALLOW: /x/|DISALLOW: /", "user-agent: FooBot|allow: /x/|disallow: /", "uSeR-aGeNt: FooBot|AlLoW: /x/|dIsAlLoW: /", Foo),
        .. EachCase("User-Agent: FOO BAR|Allow: /x/|Disallow: /", "User-Agent: foo bar|Allow: /x/|Disallow: /", "User-Agent: FoO bAr|Allow: /x/|Disallow: /", "Foo"),
        .. EachCase("User-Agent: FOO BAR|Allow: /x/|Disallow: /", "User-Agent: foo bar|Allow: /x/|Disallow: /", "User-Agent: FoO bAr|Allow: /x/|Disallow: /", "foo"),
        new("agent up to the first space", "User-Agent: *|Disallow: /|User-Agent: Foo Bar|Allow: /x/|Disallow: /", "Foo", ["http://foo.bar/x/y"], []),
        new("agent with a space is nobody", "User-Agent: *|Disallow: /|User-Agent: Foo Bar|Allow: /x/|Disallow: /", "Foo Bar", [], ["http://foo.bar/x/y"]),
        new("all: empty file", "", Foo, ["http://foo.bar/x/y"], []),
        new("all: own group first", "user-agent: *|allow: /|user-agent: FooBot|disallow: /", Foo, [], ["http://foo.bar/x/y"]),
        new("all: for the others", "user-agent: *|allow: /|user-agent: FooBot|disallow: /", "BarBot", ["http://foo.bar/x/y"], []),
        new("all: groups of others only", "user-agent: FooBot|allow: /|user-agent: BarBot|disallow: /|user-agent: BazBot|disallow: /", "QuxBot", ["http://foo.bar/x/y"], []),
        new("paths have case: same", "user-agent: FooBot|disallow: /x/", Foo, [], ["http://foo.bar/x/y"]),
        new("paths have case: other", "user-agent: FooBot|disallow: /X/", Foo, ["http://foo.bar/x/y"], []),
        new("longest: disallow", "user-agent: FooBot|disallow: /x/page.html|allow: /x/", Foo, [], ["http://foo.bar/x/page.html"]),
        new("longest: allow", "user-agent: FooBot|allow: /x/page.html|disallow: /x/", Foo, ["http://foo.bar/x/page.html"], ["http://foo.bar/x/"]),
        new("longest: both empty", "user-agent: FooBot|disallow: |allow: ", Foo, ["http://foo.bar/x/page.html"], []),
        new("longest: both root", "user-agent: FooBot|disallow: /|allow: /", Foo, ["http://foo.bar/x/page.html"], []),
        new("longest: slash", "user-agent: FooBot|disallow: /x|allow: /x/", Foo, ["http://foo.bar/x/"], ["http://foo.bar/x"]),
        new("longest: equal", "user-agent: FooBot|disallow: /x/page.html|allow: /x/page.html", Foo, ["http://foo.bar/x/page.html"], []),
        new("longest: star", "user-agent: FooBot|allow: /page|disallow: /*.html", Foo, ["http://foo.bar/page"], ["http://foo.bar/page.html"]),
        new("longest: longer than star", "user-agent: FooBot|allow: /x/page.|disallow: /*.html", Foo, ["http://foo.bar/x/page.html"], ["http://foo.bar/x/y.html"]),
        new("longest: own group", "User-agent: *|Disallow: /x/|User-agent: FooBot|Disallow: /y/", Foo, ["http://foo.bar/x/page"], ["http://foo.bar/y/page"]),
        new("encoding: query", "User-agent: FooBot|Disallow: /|Allow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par", Foo, ["http://foo.bar/foo/bar?qux=taz&baz=http://foo.bar?tar&par"], []),
        new("encoding: three bytes", "User-agent: FooBot|Disallow: /|Allow: /foo/bar/ツ", Foo, ["http://foo.bar/foo/bar/%E3%83%84"], []),
        new("encoding: three escapes", "User-agent: FooBot|Disallow: /|Allow: /foo/bar/%E3%83%84", Foo, ["http://foo.bar/foo/bar/%E3%83%84"], []),
        new("encoding: needless escapes", "User-agent: FooBot|Disallow: /|Allow: /foo/bar/%62%61%7A", Foo, ["http://foo.bar/foo/bar/%62%61%7A"], []),
        new("special: star", "User-agent: FooBot|Disallow: /foo/bar/quz|Allow: /foo/*/qux", Foo, ["http://foo.bar/foo/quz", "http://foo.bar/foo//quz", "http://foo.bar/foo/bax/quz"], ["http://foo.bar/foo/bar/quz"]),
        new("special: end", "User-agent: FooBot|Disallow: /foo/bar$|Allow: /foo/bar/qux", Foo, ["http://foo.bar/foo/bar/qux", "http://foo.bar/foo/bar/", "http://foo.bar/foo/bar/baz"], ["http://foo.bar/foo/bar"]),
        new("special: comment", "User-agent: FooBot|# Disallow: /|Disallow: /foo/quz#qux|Allow: /", Foo, ["http://foo.bar/foo/bar"], ["http://foo.bar/foo/quz"]),
        new("index.html", "User-Agent: *|Allow: /allowed-slash/index.html|Disallow: /", "foobot", ["http://foo.com/allowed-slash/index.html"], ["http://foo.com/allowed-slash/index.htm", "http://foo.com/anyother-url"]),
        new("long line: disallow", $"user-agent: FooBot|disallow: {LongA}/qux", Foo, ["http://foo.bar/fux"], [$"http://foo.bar{LongA}/fux"]),
        new("long line: allow", $"user-agent: FooBot|disallow: /|allow: {LongAllowA}/qux|allow: {LongAllowB}/qux", Foo, [$"http://foo.bar{LongAllowA}/qux", $"http://foo.bar{LongAllowB}/fux"], ["http://foo.bar/"]),
        new("docs: /fish", "user-agent: FooBot|disallow: /|allow: /fish", Foo, ["/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"], ["/bar", "/Fish.asp", "/catfish", "/?id=fish"]),
        new("docs: /fish*", "user-agent: FooBot|disallow: /|allow: /fish*", Foo, ["/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"], ["/bar", "/Fish.bar", "/catfish", "/?id=fish"]),
        new("docs: /fish/", "user-agent: FooBot|disallow: /|allow: /fish/", Foo, ["/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html", "/fish/?id=anything"], ["/bar", "/fish", "/fish.html", "/Fish/Salmon.html"]),
        new("docs: /*.php", "user-agent: FooBot|disallow: /|allow: /*.php", Foo, ["/filename.php", "/folder/filename.php", "/folder/filename.php?parameters", "http://foo.bar//folder/any.php.file.html", "/filename.php/", "/index?f=filename.php/"], ["/bar", "/php/", "/index?php", "/windows.PHP"]),
        new("docs: /*.php$", "user-agent: FooBot|disallow: /|allow: /*.php$", Foo, ["/filename.php", "/folder/filename.php"], ["/bar", "/filename.php?parameters", "/filename.php/", "/filename.php5", "/php/", "/filename?php", "/aaaphpaaa", "http://foo.bar//windows.PHP"]),
        new("docs: /fish*.php", "user-agent: FooBot|disallow: /|allow: /fish*.php", Foo, ["/fish.php", "/fishheads/catfish.php?parameters"], ["/bar", "/Fish.PHP"]),
        new("order: /p", "user-agent: FooBot|allow: /p|disallow: /", Foo, ["http://example.com/page"], []),
        new("order: folder", "user-agent: FooBot|allow: /folder|disallow: /folder", Foo, ["http://example.com/folder/page"], []),
        new("order: .htm", "user-agent: FooBot|allow: /page|disallow: /*.htm", Foo, [], ["http://example.com/page.htm"]),
        new("order: /$", "user-agent: FooBot|allow: /$|disallow: /", Foo, ["http://example.com/"], ["http://example.com/page.html"]),
    ];

    /// <summary>Where Weir answers otherwise than Google's parser, and why.</summary>
    public static Case[] Departures { get; } =
    [
        // RFC 9309 §2.2.2: octets of the address beyond ASCII are escaped before they are compared. Google leaves that to its caller.
        new("encoding: three bytes, plain address", "User-agent: FooBot|Disallow: /|Allow: /foo/bar/ツ", Foo, ["http://foo.bar/foo/bar/ツ"], []),
        new("encoding: three escapes, plain address", "User-agent: FooBot|Disallow: /|Allow: /foo/bar/%E3%83%84", Foo, ["http://foo.bar/foo/bar/ツ"], []),
        // RFC 9309 §2.2.2: escaped unreserved octets are unescaped before they are compared; its own table has this example.
        new("encoding: needless escapes, plain address", "User-agent: FooBot|Disallow: /|Allow: /foo/bar/%62%61%7A", Foo, ["http://foo.bar/foo/bar/baz"], []),
        // Google's own rule that index.html stands for its folder: RFC 9309 knows none, and other crawlers do not follow it.
        new("index.html, its folder", "User-Agent: *|Allow: /allowed-slash/index.html|Disallow: /", "foobot", [], ["http://foo.com/allowed-slash/"]),
    ];

    private static Case[] Groups(string agent, string[] allowed, string[] disallowed) =>
        [new($"groups: {agent}", "allow: /foo/bar/||user-agent: FooBot|disallow: /|allow: /x/|user-agent: BarBot|disallow: /|allow: /y/|||"
            + "allow: /w/|user-agent: BazBot||user-agent: FooBot|allow: /z/|disallow: /", agent, allowed, disallowed)];

    private static Case[] EachCase(string upper, string lower, string camel, string agent) =>
        [.. new[] { upper, lower, camel }.Select(f => new Case($"case: {f[..18]}, {agent}", f, agent, ["http://foo.bar/x/y"], ["http://foo.bar/a/b"]))];
}
