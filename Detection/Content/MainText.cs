using System.Text;
using AngleSharp.Dom;

namespace Weir.Detection.Content;

/// <summary>Takes a page's own text out of what stands around it on every page, by plain rules about its structure.</summary>
internal static class MainText
{
    private static readonly HashSet<string> NeverText = new(StringComparer.Ordinal)
    {
        "script", "style", "noscript", "template", "svg", "iframe", "object", "canvas", "head", "title", "math", "audio", "video",
    };

    // What a visitor sees on every page, or uses and does not read. A time element is a date that changes by itself.
    private static readonly HashSet<string> Around = new(StringComparer.Ordinal)
    {
        "nav", "footer", "aside", "form", "button", "select", "dialog", "menu", "time", "datalist",
    };

    private static readonly HashSet<string> AroundRoles = new(StringComparer.OrdinalIgnoreCase)
    {
        "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar", "alert", "status",
    };

    // Words of ids and classes, whole: "cookie-banner" has two of them. "ads" is no part of "threads" then.
    private static readonly HashSet<string> AroundWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "cookie", "cookies", "consent", "gdpr", "ad", "ads", "advert", "advertisement", "adsbygoogle", "sponsored", "newsletter", "breadcrumb",
        "breadcrumbs", "sidebar", "navbar", "pagination", "share", "sharing", "social",
    };

    private static readonly HashSet<string> Inline = new(StringComparer.Ordinal)
    {
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strong",
        "sub", "sup", "u", "var", "wbr", "data", "del", "dfn", "ruby", "rt", "rp",
    };

    /// <summary>The main text, its white space normalised: of the main element, else of the only article, else of the body.</summary>
    public static string Of(IElement body) => Gather(RootOf(body), keepsAround: false);

    /// <summary>All text that a visitor can read.</summary>
    public static string AllOf(IElement body) => Gather(body, keepsAround: true);

    private static IElement RootOf(IElement body)
    {
        IElement? main = null, article = null;
        int articles = 0;
        foreach (var element in HtmlWalk.Elements(body))
        {
            if (main is null && (element.LocalName == "main" || string.Equals(element.GetAttribute("role"), "main", StringComparison.OrdinalIgnoreCase)))
                main = element;
            if (element.LocalName == "article" && articles++ == 0)
                article = element;
        }
        return main ?? (articles == 1 ? article! : body);
    }

    private static string Gather(IElement root, bool keepsAround)
    {
        var text = new StringBuilder();
        bool isRootWhole = root.LocalName != "body";
        HtmlWalk.Nodes(root, node =>
        {
            if (node is IText { Data: var data })
                Append(text, data);
            if (node is not IElement element)
                return true;
            // Words on both sides of a block are two words, those around a bold letter one.
            if (!Inline.Contains(element.LocalName))
                Append(text, " ");
            return element == root || (!NeverText.Contains(element.LocalName) && (keepsAround || !IsAround(element, isRootWhole)));
        });
        return text.ToString().Trim();
    }

    private static bool IsAround(IElement element, bool isInMain)
    {
        if (Around.Contains(element.LocalName) || element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true")
            return true;
        // Inside the main element a header is the text's own, with its headline.
        if (element.LocalName == "header" && !isInMain && element.ParentElement?.LocalName != "article")
            return true;
        if (element.GetAttribute("role") is { } role && AroundRoles.Contains(role))
            return true;
        return HasAroundWord(element.Id) || HasAroundWord(element.GetAttribute("class"));
    }

    private static bool HasAroundWord(string? names)
    {
        if (string.IsNullOrEmpty(names))
            return false;
        var lookup = AroundWords.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var word in names.AsSpan().SplitAny(" -_"))
        {
            if (lookup.Contains(names.AsSpan()[word]))
                return true;
        }
        return false;
    }

    private static void Append(StringBuilder text, string data)
    {
        foreach (char c in data)
        {
            if (!char.IsWhiteSpace(c))
                text.Append(c);
            else if (text.Length > 0 && text[^1] != ' ')
                text.Append(' ');
        }
    }
}
