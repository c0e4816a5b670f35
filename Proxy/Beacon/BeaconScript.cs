using System.Text;

namespace Weir.Proxy.Beacon;

/// <summary>The script of the beacon. It says that it ran, whether a program drives the browser, whether the page is visible and the screen has
/// a size; it reads nothing else, and stores nothing.</summary>
internal static class BeaconScript
{
    /// <summary>Where it is.</summary>
    public const string Path = "/.weir/b.js";

    /// <summary>What it calls.</summary>
    public const string ReportPath = "/.weir/b";

    /// <summary>How a page loads it.</summary>
    public static ReadOnlySpan<byte> Tag => "<script defer src=\"/.weir/b.js\"></script>"u8;

    /// <summary>The script for whoever has told before.</summary>
    public static readonly byte[] Nothing = "/* told */\n"u8.ToArray();

    // A page that the browser renders ahead is nobody's yet, so the script waits until it is shown.
    private const string Before =
        """
        (()=>{"use strict";const d=document,n=navigator,go=()=>{const u="/.weir/b?t=
        """;

    private const string After =
        """
        &f="+(n.webdriver?"w":"")+(d.visibilityState==="visible"?"v":"")+(screen.width>0&&screen.height>0?"s":"");if(!(n.sendBeacon&&n.sendBeacon(u)))fetch(u,{method:"POST",keepalive:true})};d.prerendering?d.addEventListener("prerenderingchange",go,{once:true}):go()})();

        """;

    /// <summary>The script with its token.</summary>
    public static byte[] For(string token) => Encoding.ASCII.GetBytes(string.Concat(Before, token, After));
}
