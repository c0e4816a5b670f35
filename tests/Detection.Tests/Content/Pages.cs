using System.Text;

namespace Weir.Tests.Content;

/// <summary>Pages as real ones are built, written for these tests.</summary>
internal static class Pages
{
    /// <summary>Ten paragraphs of 35 to 60 words, each about one thing.</summary>
    public static readonly string[] Paragraphs =
    [
        "A heat pump moves warmth from outside air into a house instead of making it by burning fuel, and so it gives back three or four units of heat for each unit of electricity that its compressor takes from the grid over a season.",
        "How well that works depends on the difference between the two temperatures. Large radiators or pipes under the floor let the water run cooler, which helps more than any clever controller, and most installers will measure the rooms before they quote.",
        "Noise is the worry that neighbours raise first. Modern outdoor units stay below the level of a quiet conversation at three metres, but a corner between two walls can throw the sound back, so the place should be chosen with care.",
        "The refrigerant circulates in a closed loop. Propane has become common because it warms the climate little when it escapes, although it burns, which is why codes ask for a distance from windows, drains and cellar shafts.",
        "Old houses are no obstacle by themselves. What counts is how much heat the building loses on the coldest day, and that number falls quickly when the roof and the windows are mended before the boiler is replaced.",
        "A buffer tank evens out the running times. Without one the compressor may start and stop many times an hour in spring, which wears it out and wastes power, while too large a tank loses warmth to the cellar.",
        "Grants differ from region to region and change with each budget. As a rule the application has to be filed before any contract is signed, and the paper must name the seasonal performance that the maker declares.",
        "Hot water for showers asks for higher temperatures than heating does. Many owners let the pump warm the tank once a day at noon, when the air is mild and panels on the roof may pay for part of the current.",
        "Maintenance is short: filters are rinsed, the outdoor coil is freed of leaves, pressures are read once a year. A leak shows itself as ice that does not melt in the hourly defrost, and calls for somebody with a licence.",
        "Whoever wants to compare offers should ask for the same three figures from each installer: the heat load in kilowatts, the flow temperature on the coldest day, and the expected seasonal performance in writing.",
    ];

    /// <summary>Another paragraph on the same subject.</summary>
    public const string Replacement = "Financing has shifted as well: two banks offer loans tied to the measured savings, with instalments that pause in warm winters, "
        + "and cooperatives buy twenty units at once so that their members share freight, scaffolding and the electrician who extends each meter board.";

    /// <summary>An article with all that stands around one.</summary>
    public static byte[] Article(
        string[]? paragraphs = null, string title = "How a heat pump warms an old house", string updated = "March 5, 2026", string views = "12,481",
        string token = "b7f2c1", string navigation = "", string teaser = "Ten quiet refrigerators", string inlineDate = "5 March 2026") => Encoding.UTF8.GetBytes($$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>{{title}} | Warm Homes</title>
        <meta name="description" content="Heat pumps in old houses, explained."><meta property="og:title" content="{{title}}">
        <meta name="csrf-token" content="{{token}}"><link rel="stylesheet" href="/site.css?{{token}}">
        <script src="https://cdn.example.com/jquery-3.7.1.min.js"></script><script src="/js/analytics.js?v={{token}}"></script>
        <style>.hero { color: red }</style></head>
        <body class="post">
        <header class="site"><a href="/">Warm Homes</a><form action="/search"><input name="q"><input type="hidden" name="csrf" value="{{token}}"><button>Search</button></form></header>
        <nav><ul><li><a href="/heating">Heating</a></li><li><a href="/insulation">Insulation</a></li><li><a href="/solar">Solar</a></li>{{navigation}}</ul></nav>
        <div id="cookie-banner" class="cookie-consent"><p>We use cookies to make this site work and to count visits. <button>Accept</button></p></div>
        <main><article><header><h1>{{title}}</h1><p class="meta">Updated {{updated}} · {{views}} views</p></header>
        {{string.Concat((paragraphs ?? Paragraphs).Select((p, i) => $"{(i % 4 == 2 ? $"<h2>Part {i}</h2>" : "")}<p>{p}</p>\n"))}}
        <p>Prices checked on {{inlineDate}}.</p>
        <div class="ads"><p>Sponsored: {{teaser}}</p></div></article></main>
        <aside><h3>Most read</h3><ul><li>{{teaser}}</li><li>Windows that keep the warmth</li></ul></aside>
        <footer><p>© {{updated[^4..]}} Warm Homes. <a href="/imprint">Imprint</a></p></footer>
        <script>window.nonce = "{{token}}";</script></body></html>
        """);

    /// <summary>A shop page without a main element.</summary>
    public static byte[] Product(string price = "129.00", string stock = "14", string text = "") => Encoding.UTF8.GetBytes($$"""
        <html><head><title>Stove lamp</title><meta name="description" content="A lamp"></head><body>
        <div class="navbar"><a href="/">Shop</a> <a href="/cart">Cart (3)</a></div>
        <div class="product"><h1>Brass stove lamp</h1><p>This lamp clips to the hood and lights two pans evenly. Its arm bends by hand and stays where it is left;
        the switch can be worked with a wet elbow. The shade is spun from one sheet of brass and darkens with the years.</p>
        <p>Delivered with a warm bulb, a spare fuse and screws for wooden hoods. Two years of warranty, twenty of spare parts. {{text}}</p>
        <p>Only {{stock}} left, now {{price}} euros including tax.</p></div>
        <div class="sidebar">Customers also bought a pan rack.</div><div class="footer-links"><a href="/terms">Terms</a></div></body></html>
        """);
}
