using Microsoft.Playwright;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Debian's Chromium, driven by Playwright; one for all tests. Nothing is downloaded.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright _playwright = null!;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        string program = Environment.GetEnvironmentVariable("WEIR_CHROMIUM") ?? Array.Find(Programs, File.Exists)
            ?? throw new InvalidOperationException("No Chromium is installed. Run ./test, which installs it, or set WEIR_CHROMIUM to its path.");
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
