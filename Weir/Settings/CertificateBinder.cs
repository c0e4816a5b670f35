using Weir.Control;
using Weir.Proxy.Certificates;

namespace Weir.Settings;

/// <summary>Reads where certificates come from, and how sites use HTTPS.</summary>
internal static class CertificateBinder
{
    /// <summary>Reads a site's Strict-Transport-Security.</summary>
    public static StrictTransport? StrictTransport(Section hsts)
    {
        if (hsts.Node is null)
            return null;
        if (!hsts.Has("maxAgeSeconds"))
            hsts.Errors.Add(hsts.At, hsts.PathOf("maxAgeSeconds"), "For how long HTTPS alone may be used is missing.", "Write \"maxAgeSeconds\": 86400 first, and 31536000 once all works.");
        var read = new StrictTransport(
            hsts.Integer("maxAgeSeconds", 0, int.MaxValue) ?? 0, hsts.Boolean("includeSubDomains", false), hsts.Boolean("preload", false));
        if (read is { IsPreload: true } and not { IncludesSubDomains: true, MaxAgeSeconds: >= Control.StrictTransport.PreloadSecondsMin })
            hsts.Errors.Add(hsts.At, hsts.PathOf("preload"), "Browsers' lists would refuse this.", "Write includeSubDomains true and maxAgeSeconds 31536000 or more, or leave preload out.");
        return read;
    }

    /// <summary>Reads whether a site sends clients to HTTPS, and whether there is any to send them to.</summary>
    public static bool RedirectToHttps(Section site, SiteSurroundings around)
    {
        if (!site.Boolean("redirectToHttps", false))
            return false;
        if (!around.IsHttpsPossible)
            site.Errors.Add(site.Node!.Find("redirectToHttps")!.At, site.PathOf("redirectToHttps"), "Nothing listens with HTTPS here.",
                "Add \"https://:443\" to listen, or name the proxy that ends TLS in trustedProxies.");
        return true;
    }

    /// <summary>Reads the section.</summary>
    /// <param name="root">All settings.</param>
    /// <param name="pathOf">Makes a path as written one that can be opened.</param>
    public static CertificateOptions Bind(Section root, Func<Given, string> pathOf)
    {
        var section = root.Object("certificates");
        var folder = section.Text("folder");
        if (folder is { Value: var path } && path.Trim().Length == 0)
            folder.Value.Refuse("The folder has no name.", "Write a path, such as /etc/letsencrypt/live.");
        return new CertificateOptions
        {
            Folder = folder is { Value.Length: > 0 } given ? pathOf(given) : null,
            ChallengeFolder = section.Text("challengeFolder") is { Value.Length: > 0 } webroot ? pathOf(webroot) : null,
            AllowsPrivateOcsp = section.Boolean("privateOcsp", false),
            DefaultHost = section.Text("defaultHost") is { } host ? SiteBinder.ReadName(host) : null,
        };
    }
    /// <summary>Reads where the key is that seals the private keys of the control store; null for its place in the data folder.</summary>
    public static string? KeyFile(Section control, Func<Given, string> pathOf)
    {
        if (control.Text("certificateKeyFile") is not { } file)
            return null;
        if (file.Value.Trim().Length > 0)
            return pathOf(file);
        file.Refuse("The file has no name.", "Write a path, such as /etc/weir/certificates.key.");
        return null;
    }
}
