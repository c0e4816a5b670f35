using Weir.Hosting;

namespace Weir.Sites;

/// <summary>Says how old something is, in the largest unit that fits.</summary>
internal static class Age
{
    /// <summary>Such as <c>3 hours</c>.</summary>
    public static string Of(TimeSpan age) => age.TotalSeconds < 120 ? Banner.Count(Math.Max(0, (int)age.TotalSeconds), "second")
        : age.TotalMinutes < 120 ? Banner.Count((int)age.TotalMinutes, "minute")
        : age.TotalHours < 48 ? Banner.Count((int)age.TotalHours, "hour")
        : Banner.Count((int)age.TotalDays, "day");
}
