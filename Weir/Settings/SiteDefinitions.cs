using System.Text;
using Weir.Detection;

namespace Weir.Settings;

/// <summary>Reads definitions of sites that stand by themselves: a site file, or the text of one site in the control store.</summary>
internal static class SiteDefinitions
{
    /// <summary>Largest text of one site in bytes; a policy of 256 long rules fits many times.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>Reads a site file: one site, or a list of them.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="name">Its name as errors show it.</param>
    /// <param name="around">What sites are judged by beside themselves.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>The sites, to be used only when no error was noted.</returns>
    public static IReadOnlyList<PlacedSite> ReadFile(ReadOnlySpan<byte> utf8, string name, SiteSurroundings around, SettingErrors errors)
    {
        if (PositionedJson.Read(utf8, name, errors) is not { } root)
            return [];
        var names = new SiteNames();
        if (root.Kind != NodeKind.List)
            return Read(root, "", around, names, errors) is { } only ? [only] : [];
        return [.. root.Items.Select((item, i) => Read(item, $"[{i}]", around, names, errors)).OfType<PlacedSite>()];
    }

    /// <summary>Reads the text of one site in the control store.</summary>
    /// <param name="id">The id that it is stored under.</param>
    /// <param name="json">Its text.</param>
    /// <param name="around">What sites are judged by beside themselves.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>The site, to be used only when no error was noted.</returns>
    public static PlacedSite? ReadStored(SiteId id, string json, SiteSurroundings around, SettingErrors errors)
    {
        string name = $"control store: site {id}";
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        if (utf8.Length > BytesMax)
        {
            errors.Add(name, "", $"The text of the site is larger than {BytesMax} bytes.", "Shorten it: one rule may name many crawlers and paths.");
            return null;
        }
        if (PositionedJson.Read(utf8, name, errors) is not { } root)
            return null;
        // The store knows the id; a definition may say it or not.
        if (root.Kind == NodeKind.Object && root.Find("id") is null)
            root.Set("id", name, new SettingNode(NodeKind.Text, name) { Text = id.Value });
        var read = Read(root, "", around, new SiteNames(), errors);
        if (read is not null && read.Site.Id != id)
            errors.Add(read.At, "id", $"The site is stored as '{id}' and calls itself '{read.Site.Id}'.", $"Write \"id\": \"{id}\".");
        return read;
    }

    private static PlacedSite? Read(SettingNode node, string path, SiteSurroundings around, SiteNames names, SettingErrors errors)
    {
        if (node.Kind != NodeKind.Object)
        {
            errors.Add(node.At, path, "This is no site.", "Write an object: { \"id\": …, \"hosts\": …, \"origins\": … }.");
            return null;
        }
        SettingChecks.Check(node, SettingKey.Site, path, errors);
        return SiteBinder.BindOne(new Section(node, path, errors), around, names);
    }
}
