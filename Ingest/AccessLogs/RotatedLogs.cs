using System.Text.RegularExpressions;

namespace Weir.Ingest.AccessLogs;

/// <summary>Finds what a log was called after it was rotated: logrotate's numbers and dates, nginx's and Apache's own, packed or not.</summary>
internal static partial class RotatedLogs
{
    /// <summary>Rotated logs of a name, the oldest first by the time of their last line. One that is there plain and packed comes twice.</summary>
    public static IReadOnlyList<FileInfo> Of(string file)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(Path.GetFullPath(file))!);
        string name = Path.GetFileName(file), stem = Path.GetFileNameWithoutExtension(file), extension = Path.GetExtension(file);
        try
        {
            return [.. folder.EnumerateFiles().Where(f => IsRotated(f.Name, name, stem, extension)).OrderBy(f => f.LastWriteTimeUtc)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The rotated log that begins so; null when there is none. Plain before packed: what is being packed is not whole.</summary>
    public static string? Find(string file, LogHead head) =>
        Of(file).Select(f => f.FullName).OrderBy(f => Path.GetExtension(f) is ".gz" or ".zst").FirstOrDefault(f => HeadIs(f, head));

    /// <summary>Whether a log begins so, unpacked; false when it cannot be read.</summary>
    public static bool HeadIs(string file, LogHead head)
    {
        try
        {
            using var source = LogSource.Open(file);
            return head.IsOf(source.Lines.Peek());
        }
        catch (Exception e) when (e is ImportException or IOException or InvalidDataException or ZstdSharp.ZstdException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Names of other logs begin alike: only a number or a date may stand between.
    private static bool IsRotated(string name, string log, string stem, string extension)
    {
        if (name.StartsWith(log, StringComparison.Ordinal) && Suffix().IsMatch(name[log.Length..]))
            return true;
        return extension.Length > 0 && name.StartsWith(stem, StringComparison.Ordinal)
            && Infix().Match(name[stem.Length..]) is { Success: true } infix && infix.Groups["rest"].Value.StartsWith(extension, StringComparison.Ordinal)
            && Packed().IsMatch(infix.Groups["rest"].Value[extension.Length..]);
    }

    // .1, -20261127, .2026-11-27T10:00:00, .old; then .gz or .zst.
    [GeneratedRegex(@"^([.\-_]\d[\d\-_.T:]*?|\.old)(\.gz|\.zst)?$|^(\.gz|\.zst)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Suffix();

    // access-20261127.log: the number stands before the extension.
    [GeneratedRegex(@"^[.\-_]\d[\d\-_T:]*(?<rest>\..*)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Infix();

    [GeneratedRegex(@"^(\.gz|\.zst)?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Packed();
}
