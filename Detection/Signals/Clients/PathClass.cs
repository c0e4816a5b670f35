namespace Weir.Detection.Signals.Clients;

/// <summary>What sort of thing a request asks for.</summary>
internal enum PathClass : byte
{
    /// <summary>A page that a person reads.</summary>
    Page,

    /// <summary>A part of a page: style, script, picture, font, sound.</summary>
    Asset,

    /// <summary>The site's icon.</summary>
    Icon,

    /// <summary>robots.txt.</summary>
    RobotsTxt,

    /// <summary>A feed, a download, data.</summary>
    Other,
}

/// <summary>Reads the class from a path, or from the content type that was answered. Allocates nothing.</summary>
internal static class PathClasses
{
    private const int ExtensionMax = 11;

    public static PathClass Of(ReadOnlySpan<char> path)
    {
        if (path.Equals("/robots.txt", StringComparison.OrdinalIgnoreCase))
            return PathClass.RobotsTxt;
        var name = path[(path.LastIndexOf('/') + 1)..];
        int dot = name.LastIndexOf('.');
        if (dot < 0 || name.Length - dot - 1 > ExtensionMax)
            return PathClass.Page;
        if (name.StartsWith("favicon", StringComparison.OrdinalIgnoreCase) || name.StartsWith("apple-touch-icon", StringComparison.OrdinalIgnoreCase))
            return PathClass.Icon;
        Span<char> extension = stackalloc char[ExtensionMax];
        int length = name[(dot + 1)..].ToLowerInvariant(extension);
        return extension[..length] switch
        {
            "" or "html" or "htm" or "xhtml" or "shtml" or "php" or "asp" or "aspx" or "jsp" or "jsf" or "do" or "cfm" or "cgi" => PathClass.Page,
            "css" or "js" or "mjs" or "map" or "wasm" => PathClass.Asset,
            "png" or "jpg" or "jpeg" or "gif" or "svg" or "webp" or "avif" or "ico" or "bmp" => PathClass.Asset,
            "woff" or "woff2" or "ttf" or "otf" or "eot" => PathClass.Asset,
            "mp3" or "mp4" or "webm" or "ogg" or "m4a" or "m4s" or "ts" or "swf" or "vtt" => PathClass.Asset,
            "webmanifest" => PathClass.Asset,
            // Names with a dot that are no file type, such as /v1.2 or /user/j.doe, are pages.
            "txt" or "xml" or "rss" or "atom" or "json" or "pdf" or "zip" or "gz" or "tar" or "tgz" or "csv" or "rar" or "7z" => PathClass.Other,
            "exe" or "dmg" or "iso" or "deb" or "rpm" or "apk" or "jar" or "doc" or "docx" or "xls" or "xlsx" or "ppt" or "pptx" => PathClass.Other,
            _ => PathClass.Page,
        };
    }

    /// <summary>The class of an answer: its content type where one is known, but robots.txt and icons by name, as errors have HTML too.</summary>
    public static PathClass Of(ReadOnlySpan<char> path, ReadOnlySpan<char> contentType)
    {
        var byPath = Of(path);
        if (contentType.IsEmpty || byPath is PathClass.RobotsTxt or PathClass.Icon)
            return byPath;
        if (contentType.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) || contentType.StartsWith("application/xhtml", StringComparison.OrdinalIgnoreCase))
            return PathClass.Page;
        bool isPart = contentType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) || contentType.StartsWith("font/", StringComparison.OrdinalIgnoreCase)
            || contentType.StartsWith("text/css", StringComparison.OrdinalIgnoreCase) || contentType.StartsWith("video/", StringComparison.OrdinalIgnoreCase)
            || contentType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) || contentType.Contains("javascript", StringComparison.OrdinalIgnoreCase);
        return isPart ? PathClass.Asset : PathClass.Other;
    }
}
