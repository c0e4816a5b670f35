using Weir.Proxy.Certificates;
using Weir.Proxy.Connection;

namespace Weir.Settings;

/// <summary>Reads where certificates come from, and whether whoever listens with TLS has any.</summary>
internal static class CertificateBinder
{
    /// <summary>Reads the section.</summary>
    /// <param name="root">All settings.</param>
    /// <param name="listen">Where the edge listens.</param>
    /// <param name="pathOf">Makes a path as written one that can be opened.</param>
    public static CertificateOptions Bind(Section root, IReadOnlyList<ListenAddress> listen, Func<Given, string> pathOf)
    {
        var section = root.Object("certificates");
        var folder = section.Text("folder");
        if (folder is null && listen.FirstOrDefault(l => l.IsHttps) is { } https)
        {
            root.Errors.Add(section.At.Length > 0 ? section.At : root.At, section.PathOf("folder"), $"{https} ends TLS without certificates.",
                "Write \"certificates\": { \"folder\": \"certificates\" }: the folder of PEM files.");
        }
        if (folder is { Value: var path } && path.Trim().Length == 0)
            folder.Value.Refuse("The folder has no name.", "Write a path, such as /etc/letsencrypt/live.");
        return new CertificateOptions
        {
            Folder = folder is { Value.Length: > 0 } given ? pathOf(given) : null,
            DefaultHost = section.Text("defaultHost") is { } host ? SiteBinder.ReadName(host) : null,
        };
    }
}
