using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Proxy;

namespace Weir.Settings;

/// <summary>Watches the settings file and puts changed sites in force. A bad change keeps the last good sites and says so.</summary>
/// <remarks>It polls the file's bytes: file events get lost on network and container mounts, and an editor or a mounted secret replaces
/// the file rather than writing it. A change counts once two polls in a row see the same bytes, so that a half-written file is not read.</remarks>
/// <param name="file">Path of the settings file.</param>
/// <param name="read">The file's bytes from before the program read its settings: what changed since then, while the program starts, is put in force.</param>
/// <param name="environment">Overrides given at start; they stay over the file.</param>
/// <param name="flags">Flags given at start.</param>
/// <param name="apply">Puts sites in force.</param>
/// <param name="refuse">Hears what is wrong with the file.</param>
/// <param name="metrics">Counts reloads.</param>
/// <param name="time">Clock of the polls.</param>
/// <param name="log">Says what happened.</param>
internal sealed class SiteReloader(
    string file, byte[] read, IReadOnlyList<SettingOverride> environment, IReadOnlyList<SettingOverride> flags, Action<IReadOnlyList<PlacedSite>> apply,
    Action<IReadOnlyList<SettingError>> refuse, EdgeMetrics metrics, TimeProvider time, ILogger<SiteReloader> log) : BackgroundService
{
    /// <summary>Time between two looks at the file; a change is in force within twice this.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly PeriodicTimer _timer = new(Interval, time);
    private byte[] _inForce = read;
    private byte[] _seen = read;
    private Dictionary<string, string>? _settings;

    /// <summary>Called after each look at the file, with what came of it. Set before the start.</summary>
    public Action<ReloadOutcome>? Looked { get; init; }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _settings = Others(SettingsReader.Read(_inForce, file, environment, flags).Root);
        }
        catch (SettingsException)
        {
            // A site of it is wrong, which was said at the start: what the other settings were is not known, and so not compared.
            _settings = null;
        }
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer.WaitForNextTickAsync(stoppingToken))
        {
            // Apart: "Looked?.Invoke(Look())" would look only where somebody listens.
            var outcome = Look();
            Looked?.Invoke(outcome);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _timer.Dispose();
        base.Dispose();
    }

    private ReloadOutcome Look()
    {
        if (TryRead(file) is not { } found || found.AsSpan().SequenceEqual(_inForce))
            return ReloadOutcome.Unchanged;
        if (!found.AsSpan().SequenceEqual(_seen))
        {
            _seen = found;
            return ReloadOutcome.Changing;
        }
        // Whatever comes of it, these bytes have had their chance: an error is told once, not every second.
        _inForce = found;
        try
        {
            var (settings, root) = SettingsReader.Read(found, file, environment, flags);
            apply(settings.PlacedSites);
            TellOthers(root);
            metrics.SitesReloaded(isAccepted: true);
            log.SitesReloaded(settings.PlacedSites.Count, file);
            return ReloadOutcome.Accepted;
        }
        catch (SettingsException e)
        {
            refuse(e.Errors);
            metrics.SitesReloaded(isAccepted: false);
            log.SitesRefused(file, e.Message);
            return ReloadOutcome.Refused;
        }
    }

    /// <summary>Reads a settings file; null when it cannot be read.</summary>
    public static byte[]? TryRead(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Away for a moment while it is replaced; if it stays away, what is in force stays.
            return null;
        }
    }

    private void TellOthers(SettingNode root)
    {
        var others = Others(root);
        var before = _settings ?? others;
        var changed = others.Keys.Union(before.Keys).Where(k => others.GetValueOrDefault(k) != before.GetValueOrDefault(k)).Order().ToList();
        _settings = others;
        if (changed.Count > 0)
            log.RestartNeeded(file, string.Join(", ", changed));
    }

    private static Dictionary<string, string> Others(SettingNode root) => root.Members
        .Where(m => m.Name is not ("sites" or "$schema"))
        .ToDictionary(m => m.Name, m => m.Value.Canonical(), StringComparer.Ordinal);
}

/// <summary>What a look at the settings file found.</summary>
internal enum ReloadOutcome
{
    /// <summary>Nothing new, or no file.</summary>
    Unchanged,

    /// <summary>New bytes, that may not be all yet.</summary>
    Changing,

    /// <summary>New sites are in force.</summary>
    Accepted,

    /// <summary>The file is wrong; the last good sites are in force.</summary>
    Refused,
}
