using Microsoft.Playwright;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Pictures of each run, beside the tests' output, for people to look at.</summary>
internal static class Screenshots
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "screenshots");

    public static Task TakeAsync(IPage page, string name, bool isWhole = false) => page.ScreenshotAsync(new PageScreenshotOptions
    {
        Path = Path.Combine(Folder, $"{name}.png"),
        FullPage = isWhole,
        Animations = ScreenshotAnimations.Disabled,
    });
}
