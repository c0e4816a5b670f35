using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Proxy;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>Follows the definitions of the control store: asks its version, and reads only what changed. While the store is away, what is in
/// force stays. Safe from one thread.</summary>
/// <param name="definitions">The store.</param>
/// <param name="around">What sites are judged by beside themselves.</param>
/// <param name="sites">Takes what changed.</param>
/// <param name="freshness">Hears that the store answered, or did not.</param>
/// <param name="time">Clock of the polls.</param>
/// <param name="log">Says when the store goes and comes.</param>
internal sealed class StoredSites(
    ISiteDefinitions definitions, SiteSurroundings around, SitesInForce sites, SiteFreshness freshness, TimeProvider time, ILogger<StoredSites> log) : BackgroundService
{
    /// <summary>Time between two polls while the store answers; a change is in force within this.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A store that is away is asked less and less often, down to this.
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(10);

    // A store that does not answer within this is away.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private long _version = -1;

    /// <summary>Called after each poll. Set before the start.</summary>
    public Action? Polled { get; init; }

    /// <summary>Whether the last poll failed; null before the first.</summary>
    public bool? IsAway { get; private set; }

    /// <summary>Asks once. Never throws but when stopped.</summary>
    public async Task PollAsync(CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            // Against a driver that does not heed its token.
            await AskAsync(both.Token).WaitAsync(both.Token);
            freshness.Seen(SiteSource.Control);
            if (IsAway == true)
                log.ControlStoreBack(_version);
            IsAway = false;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // Whatever a driver throws, the edge serves on.
            freshness.Failed(SiteSource.Control);
            if (IsAway != true)
                log.ControlStoreAway(e is OperationCanceledException ? $"It did not answer within {Patience.TotalSeconds:0} s." : e.Message);
            IsAway = true;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rest = Interval;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(rest, time, stoppingToken);
            await PollAsync(stoppingToken);
            Polled?.Invoke();
            rest = IsAway == true ? TimeSpan.FromTicks(Math.Min(rest.Ticks * 2, RestMax.Ticks)) : Interval;
        }
    }

    private async Task AskAsync(CancellationToken stop)
    {
        if (await definitions.VersionAsync(stop) == _version)
            return;
        bool isFirst = _version < 0;
        var changes = await definitions.ReadAsync(Math.Max(_version, 0), stop);
        // A poll that was given up must not put in force what the next one has read anew.
        stop.ThrowIfCancellationRequested();
        var readings = changes.Changed.Select(Read).Concat(changes.Removed.Select(id => PlaceReading.Gone(PlaceOf(id.Value)))).ToList();
        // A lower version is a store that was put back to an older state: the answer is all there is, as the first one is.
        if (isFirst || changes.Version < _version)
        {
            var known = sites.Under(set => set.PlacesOf(SiteSource.Control).ToList());
            readings.AddRange(known.Except(readings.Select(r => r.Place)).Select(PlaceReading.Gone).ToList());
        }
        sites.Apply(readings);
        _version = changes.Version;
    }

    private static SitePlace PlaceOf(string id) => new(SiteSource.Control, id);

    private PlaceReading Read(SiteDefinition definition)
    {
        var errors = new SettingErrors();
        var site = SiteDefinitions.ReadStored(definition.Id, definition.Json, around, errors);
        return errors.All.Count > 0 || site is null ? PlaceReading.Bad(PlaceOf(definition.Id.Value), errors.All) : PlaceReading.Good(PlaceOf(definition.Id.Value), [site]);
    }
}
