using Microsoft.Playwright;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Pictures of each run, beside the tests' output, for people to look at.</summary>
internal static class Screenshots
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "screenshots");

    /// <summary>Keeps another file of a run beside them.</summary>
    public static Task SaveAsync(string name, byte[] file)
    {
        Directory.CreateDirectory(Folder);
        return File.WriteAllBytesAsync(Path.Combine(Folder, name), file);
    }

    public static Task TakeAsync(IPage page, string name, bool isWhole = false) => page.ScreenshotAsync(new PageScreenshotOptions
    {
        Path = Path.Combine(Folder, $"{name}.png"),
        FullPage = isWhole,
        Animations = ScreenshotAnimations.Disabled,
    });
}
