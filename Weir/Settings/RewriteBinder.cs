using System.Net;
using Weir.Control;

namespace Weir.Settings;

/// <summary>Reads what a site's origin gets instead of the client's host and path, and whether visitors get a notice instead of the site.</summary>
internal static class RewriteBinder
{
    private const int MessageMax = 1000;

    /// <summary>Reads the rewriting; null when nothing is said.</summary>
    public static SiteRewrite? Rewrite(Section rewrite)
    {
        if (rewrite.Node is null)
            return null;
        return new SiteRewrite
        {
            Host = OriginBinder.Host(rewrite.Text("host")),
            StripPrefix = Prefix(rewrite.Text("stripPrefix")),
            AddPrefix = Prefix(rewrite.Text("addPrefix")),
        };
    }

    /// <summary>Reads the notice; null while the site is served.</summary>
    public static MaintenanceNotice? Maintenance(Section site)
    {
        if (site.Node?.Find("maintenance") is not { Kind: NodeKind.True or NodeKind.Object })
            return null;
        var section = site.Object("maintenance");
        var otherwise = new MaintenanceNotice();
        if (section.Text("message") is { Value.Length: 0 or > MessageMax } given)
            given.Refuse("The message is empty or too long.", $"Write up to {MessageMax} characters of plain text, or leave it out.");
        return new MaintenanceNotice
        {
            Message = section.Text("message")?.Value ?? otherwise.Message,
            RetryAfterSeconds = section.Integer("retryAfterSeconds", 1, 30 * 86_400, otherwise.RetryAfterSeconds),
            Allow = [.. section.Texts("allow").Select(SettingsBinder.Prefix).OfType<IPNetwork>()],
        };
    }

    // Without the last slash: /shop and /shop/ mean the same.
    private static string Prefix(Given? given)
    {
        if (given is not { } prefix)
            return "";
        string text = prefix.Value.Trim().TrimEnd('/');
        if (text.Length == 0 || (text[0] == '/' && !text.Contains("//", StringComparison.Ordinal) && text.All(c => c is > ' ' and <= '~' and not ('?' or '#' or '*'))))
            return text;
        prefix.Refuse($"'{prefix.Value}' is no beginning of paths.", "Write one such as /shop: no star, query or blank.");
        return "";
    }
}
