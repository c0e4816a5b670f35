using Microsoft.Playwright;

namespace Weir.Analytics.Api.Tests.Dashboard;

/// <summary>Debian's Chromium, driven by Playwright; started by the first test that wants it, one for all. Nothing is downloaded.</summary>
public sealed class BrowserFixture : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _started = new(StartAsync);

    /// <summary>The browser.</summary>
    public async Task<IBrowser> BrowserAsync() => (await _started.Value).Browser;

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        string program = Environment.GetEnvironmentVariable("WEIR_CHROMIUM") ?? Array.Find(Programs, File.Exists)
            ?? throw new InvalidOperationException("No Chromium is installed. Run ./test, which installs it, or set WEIR_CHROMIUM to its path.");
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        }));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_started.IsValueCreated)
            return;
        var (playwright, browser) = await _started.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
