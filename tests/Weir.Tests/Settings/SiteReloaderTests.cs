using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Weir.Proxy;
using Weir.Settings;

namespace Weir.Tests.Settings;

public sealed class SiteReloaderTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-reload").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly Channel<ReloadOutcome> _looks = Channel.CreateUnbounded<ReloadOutcome>();
    private readonly List<string> _applied = [];
    private readonly List<SettingError> _refused = [];
    private readonly LogLines _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SiteReloader _reloader;

    public SiteReloaderTests()
    {
        Write(SiteNamed("first"));
        _reloader = Reloader(o => _looks.Writer.TryWrite(o));
    }

    private string File_ => Path.Combine(_folder, "weir.json");

    [Fact]
    public async Task Changed_sites_are_in_force_once_the_file_has_settled()
    {
        await _reloader.StartAsync(default);
        Assert.Equal(ReloadOutcome.Unchanged, await LookAsync());

        Write(SiteNamed("second"));

        Assert.Equal(ReloadOutcome.Changing, await LookAsync());
        Assert.Equal(ReloadOutcome.Accepted, await LookAsync());
        Assert.Equal(ReloadOutcome.Unchanged, await LookAsync());
        Assert.Equal(["second"], _applied);
    }

    [Theory]
    [InlineData("sed -i s/first/second/ weir.json")]
    [InlineData("sed s/first/second/ weir.json > new && mv new weir.json")]
    [InlineData("new=$(sed s/first/second/ weir.json) && printf %s \"$new\" > weir.json")]
    [InlineData("cp weir.json old && rm weir.json && sed s/first/second/ old > weir.json")]
    // As Kubernetes mounts a ConfigMap: the file is a link into a folder that is a link, which is swapped.
    [InlineData("mkdir v1 v2 && sed s/first/second/ weir.json > v2/weir.json && mv weir.json v1 && ln -s v1 ..data && ln -s ..data/weir.json weir.json && ln -s v2 next && mv -T next ..data")]
    public async Task However_the_file_is_changed_it_is_seen(string command)
    {
        await _reloader.StartAsync(default);
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-ec", command]) { WorkingDirectory = _folder })!;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);

        Assert.Equal(ReloadOutcome.Changing, await LookAsync());
        Assert.Equal(ReloadOutcome.Accepted, await LookAsync());
        Assert.Equal(["second"], _applied);
    }

    [Fact]
    public async Task It_looks_whether_or_not_anybody_listens()
    {
        using var alone = Reloader(null);
        await alone.StartAsync(default);
        Write(SiteNamed("second"));

        while (!TestContext.Current.CancellationToken.IsCancellationRequested && _log.Count == 0)
        {
            _time.Advance(SiteReloader.Interval);
            await Task.Yield();
        }

        Assert.Equal(["second"], _applied);
        await alone.StopAsync(default);
    }

    [Fact]
    public async Task A_change_while_the_program_starts_is_put_in_force()
    {
        Write(SiteNamed("second"));
        await _reloader.StartAsync(default);
        await LookAsync();

        Assert.Equal(ReloadOutcome.Accepted, await LookAsync());
        Assert.Equal(["second"], _applied);
    }

    [Fact]
    public async Task A_bad_change_keeps_the_last_good_sites_and_says_so_once()
    {
        await _reloader.StartAsync(default);

        Write("""{ "sites": [{ "id": "second" }] }""");
        await LookAsync();

        Assert.Equal(ReloadOutcome.Refused, await LookAsync());
        Assert.Equal(ReloadOutcome.Unchanged, await LookAsync());
        Assert.Empty(_applied);
        Assert.Equal(2, _refused.Count);
        var (id, line) = Assert.Single(_log.Lines);
        Assert.Equal(4004, id);
        Assert.Contains("weir.json:1:13 sites[0].hosts: A site has no hosts.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_goes_away_changes_nothing_and_its_return_is_seen()
    {
        await _reloader.StartAsync(default);

        File.Delete(File_);
        Assert.Equal(ReloadOutcome.Unchanged, await LookAsync());
        Write(SiteNamed("second"));
        await LookAsync();

        Assert.Equal(ReloadOutcome.Accepted, await LookAsync());
    }

    [Fact]
    public async Task Other_settings_that_changed_are_named_as_waiting_for_a_restart()
    {
        await _reloader.StartAsync(default);

        Write("""{ "api": "9000", "limits": { "headersMax": 50 } }""");
        await LookAsync();
        await LookAsync();

        Assert.Contains(_log.Lines, l => l.Id == 4005 && l.Text.Contains("api, limits changed", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await _reloader.StopAsync(default);
        _reloader.Dispose();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<ReloadOutcome> LookAsync()
    {
        _time.Advance(SiteReloader.Interval);
        return await _looks.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }

    private SiteReloader Reloader(Action<ReloadOutcome>? looked) => new(
        File_, File.ReadAllBytes(File_), [], [], Apply, _refused.AddRange, new EdgeMetrics(_services.GetRequiredService<IMeterFactory>()), _time, _log)
    { Looked = looked };

    private void Apply(IReadOnlyList<PlacedSite> sites) => _applied.AddRange(sites.Select(s => s.Site.Id.Value));

    private void Write(string json) => File.WriteAllText(File_, json);

    private static string SiteNamed(string id) => $$"""{ "sites": [{ "id": "{{id}}", "hosts": "*", "origins": "http://127.0.0.1:3000" }] }""";

    private sealed class LogLines : ILogger<SiteReloader>
    {
        public List<(int Id, string Text)> Lines { get; } = [];

        public int Count
        {
            get
            {
                lock (Lines)
                    return Lines.Count;
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines)
                Lines.Add((eventId.Id, formatter(state, exception)));
        }
    }
}
