using System.Security.Cryptography;
using System.Text;
using Weir.Detection;

namespace Weir.Control;

/// <summary>Paths that are the same on every edge of a site.</summary>
public static class SitePaths
{
    /// <summary>The trap of a site that names none itself: nobody meets it by chance, and every edge of the site has the same.</summary>
    /// <remarks>It is no secret: robots.txt tells it to whoever reads there.</remarks>
    public static string TrapOf(SiteId site) =>
        $"/trap-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"trap\n{site}")).AsSpan(0, 6))}/";
}
