using Microsoft.Playwright;

namespace Weir.Proxy.Tests.Beacon;

/// <summary>Debian's Chromium, driven by Playwright, once as a person's and once as a program's. Nothing is downloaded.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private IPlaywright _playwright = null!;

    /// <summary>One that does not say that a program drives it.</summary>
    public IBrowser Person { get; private set; } = null!;

    /// <summary>One that says so, as browsers under automation do.</summary>
    public IBrowser Program { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        Person = await LaunchAsync("--disable-blink-features=AutomationControlled");
        Program = await LaunchAsync("--enable-automation");
    }

    public async ValueTask DisposeAsync()
    {
        await Person.DisposeAsync();
        await Program.DisposeAsync();
        _playwright.Dispose();
    }

    private Task<IBrowser> LaunchAsync(string flag) => _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Environment.GetEnvironmentVariable("WEIR_CHROMIUM") ?? "/usr/bin/chromium",
        Args =
        [
            flag, "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--host-resolver-rules=MAP www.example.com 127.0.0.1",
        ],
        Timeout = 0,
    });
}
