using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Hosting;
using Weir.Proxy;
using Weir.Proxy.Sites;
using Weir.Settings;

namespace Weir.Sites;

/// <summary>All sources of one run's sites: read at the start, followed while the edge runs.</summary>
internal sealed class SiteSources : IDisposable
{
    private readonly SettingsSource _settings;
    private readonly SiteFolder? _folder;
    private readonly SiteFreshness _freshness;

    private readonly string _dataFolder;
    private StoredSites? _stored;

    private SiteSources(SettingsSource settings, string dataFolder, SiteFolder? folder, SitesInForce inForce, SiteFreshness freshness)
    {
        _settings = settings;
        _dataFolder = dataFolder;
        _folder = folder;
        _freshness = freshness;
        InForce = inForce;
    }

    /// <summary>The sites that are served.</summary>
    public SitesInForce InForce { get; }

    /// <summary>Sites that are in force and not the control store's.</summary>
    public IReadOnlyList<FileSite> FileSites => InForce.Under(set => set.InForce.Values.Where(s => s.Place.Source != SiteSource.Control).Select(FileSiteOf).ToList());

    private SitePlace SettingsPlace => new(SiteSource.Settings, _settings.File is { } file ? Path.GetFullPath(file) : "environment");

    /// <summary>Reads every source once.</summary>
    /// <param name="settings">Checked settings.</param>
    /// <param name="source">What they were read from.</param>
    /// <param name="dataFolder">Where the last good sites are kept.</param>
    /// <param name="hasControl">Whether <see cref="FollowAsync"/> will be called.</param>
    /// <param name="logs">Where to say what is wrong.</param>
    /// <exception cref="CommandException">A source cannot be read, and nothing of it was kept by an earlier run.</exception>
    public static SiteSources Open(WeirSettings settings, SettingsSource source, string dataFolder, bool hasControl, ILoggerFactory logs)
    {
        var time = TimeProvider.System;
        var folder = settings.SitesFolder is { } path ? new SiteFolder(path, settings.Surroundings) : null;
        var sources = new SiteSources(source, dataFolder, folder, new SitesInForce(time, logs.CreateLogger<SitesInForce>()), new SiteFreshness(time));
        sources.Read(settings, hasControl, logs.CreateLogger<SiteSources>());
        return sources;
    }

    /// <summary>Reads the control store once, and follows it from the edge's start on. When it is away, what an earlier run kept of it is served.</summary>
    public async Task FollowAsync(ISiteDefinitions definitions, WeirSettings settings, ILoggerFactory logs, CancellationToken stop)
    {
        _stored = new StoredSites(definitions, settings.Surroundings, InForce, _freshness, TimeProvider.System, logs.CreateLogger<StoredSites>());
        await _stored.PollAsync(stop);
        int kept = InForce.Under(set => set.InForce.Values.Count(s => s.Place.Source == SiteSource.Control));
        if (_stored.IsAway == true && kept > 0)
        {
            var at = _freshness.All.First(f => f.Source == SiteSource.Control).At;
            Tell(SiteSource.Control, kept, at, Path.Combine(_dataFolder, LastGoodSites.FileName), "The control store is away.", logs.CreateLogger<SiteSources>());
        }
    }

    /// <summary>Whether the control store is followed and did not answer.</summary>
    public bool IsControlAway => _stored?.IsAway == true;

    /// <summary>Whether nothing defines a site, so that the sample is served.</summary>
    public bool IsSampleServed => InForce.Under(set => set.InForce.Values.Any(s => s.Place.Source == SiteSource.Sample));

    /// <summary>Serves this site while nothing defines any other.</summary>
    public void AddSample(PlacedSite site) => InForce.Apply([PlaceReading.Good(new SitePlace(SiteSource.Sample, ""), [site])]);

    /// <summary>Follows every source while the edge runs.</summary>
    public void AddWatchers(IServiceCollection services)
    {
        services.AddSingleton(InForce).AddSingleton(_freshness).AddSingleton<SiteMetrics>();
        // First, so that the table holds what is in force before anything changes it.
        services.AddHostedService(s => new SiteTableStart(InForce, s.GetRequiredService<SiteTable>(), s.GetRequiredService<SiteMetrics>()));
        if (_settings.File is { } file)
        {
            services.AddHostedService(s => new SiteReloader(file, _settings.FileBytes, _settings.Environment, _settings.Flags,
                sites => InForce.Apply([PlaceReading.Good(SettingsPlace, sites)]), errors => InForce.Apply([PlaceReading.Bad(SettingsPlace, errors)]),
                s.GetRequiredService<EdgeMetrics>(), TimeProvider.System, s.GetRequiredService<ILogger<SiteReloader>>())
            { Looked = outcome => NoteSettings(outcome) });
        }
        if (_folder is not null)
            services.AddSingleton(_folder).AddHostedService<SiteFolderWatcher>();
        if (_stored is { } stored)
            services.AddHostedService(_ => stored);
        services.AddHostedService(s => new SiteKeeper(_dataFolder, InForce, _freshness, TimeProvider.System, s.GetRequiredService<ILogger<SiteKeeper>>()));
    }

    /// <summary>Ends what no started edge took over.</summary>
    public void Dispose() => _stored?.Dispose();

    /// <summary>How many sites come from where, for people.</summary>
    public string Describe()
    {
        var counts = InForce.Under(set => set.InForce.Values.GroupBy(s => s.Place.Source).ToDictionary(g => g.Key, g => g.Count()));
        List<string> parts = [];
        foreach (var (source, count) in counts.OrderBy(c => c.Key))
        {
            parts.Add(source switch
            {
                SiteSource.Settings => $"{Banner.Count(count, "site")} of {_settings.File ?? "the environment"}",
                SiteSource.Folder => $"{Banner.Count(count, "site")} of {_folder!.Folder}",
                SiteSource.Control => $"{Banner.Count(count, "site")} of the control store",
                SiteSource.Sample => "the built-in sample site (yours: --origin URL)",
                _ => string.Join(", ", InForce.Under(set => set.InForce.Values.Where(s => s.Place.Source == SiteSource.Flag).SelectMany(s => s.Placed.Site.Origins).ToList())),
            });
        }
        int refused = InForce.Under(set => set.Refusals.Select(r => r.Place).Distinct().Count());
        return (parts.Count == 0 ? "no site yet" : string.Join(", ", parts)) + (refused == 0 ? "" : $"; {refused} not in force as written: weir sites status");
    }

    private void Read(WeirSettings settings, bool hasControl, ILogger log)
    {
        var kept = LastGoodSites.Read(_dataFolder, settings.Surroundings, out string? trouble);
        string file = Path.Combine(_dataFolder, LastGoodSites.FileName);
        if (trouble is not null)
            log.LastGoodUnusable(file, trouble);
        // As a source that is no longer used would be: what it had is not served any more. The control store's are, until it answers.
        var restored = kept?.Places.Where(p => (p.Place.Source == SiteSource.Control && hasControl) || (p.Place.Source == SiteSource.Folder && _folder is not null)
            || p.Place == SettingsPlace).ToList() ?? [];
        InForce.Apply(restored);
        List<PlaceReading> readings = [.. ReadSettings(settings, restored, kept?.At, file, log)];
        if (_folder is not null)
            readings.AddRange(ReadFolder(_folder, restored, kept?.At, file, log));
        if (kept is { } earlier && restored.Any(p => p.Place.Source == SiteSource.Control))
            _freshness.Seen(SiteSource.Control, earlier.At);
        InForce.Apply(readings);
    }

    private FileSite FileSiteOf(SiteInForce site) => new(site.Placed.Site, site.Place.Source switch
    {
        SiteSource.Folder => Path.Combine(_folder!.Folder, site.Place.Name),
        SiteSource.Settings => _settings.File ?? "the environment",
        SiteSource.Flag => "the flags of weir up",
        _ => "the built-in sample site",
    })
    { GivesWay = site.Place.Source == SiteSource.Sample };

    private IEnumerable<PlaceReading> ReadSettings(WeirSettings settings, List<PlaceReading> restored, DateTimeOffset? keptAt, string file, ILogger log)
    {
        if (settings.SiteErrors.Count > 0)
        {
            string errors = string.Join('\n', settings.SiteErrors);
            int count = restored.Where(p => p.Place == SettingsPlace).Sum(p => p.Sites!.Count);
            if (count == 0)
                throw new CommandException(errors.Replace("\n", "\nweir: ", StringComparison.Ordinal));
            Tell(SiteSource.Settings, count, keptAt!.Value, file, errors, log);
            return [PlaceReading.Bad(SettingsPlace, settings.SiteErrors)];
        }
        var place = settings.PlacedSites.Any(s => s.Json.Length == 0) ? new SitePlace(SiteSource.Flag, "--origin") : SettingsPlace;
        // Only what is watched can be stale.
        if (place == SettingsPlace && _settings.File is not null)
            _freshness.Seen(SiteSource.Settings);
        return [PlaceReading.Good(place, settings.PlacedSites)];
    }

    private IEnumerable<PlaceReading> ReadFolder(SiteFolder folder, List<PlaceReading> restored, DateTimeOffset? keptAt, string file, ILogger log)
    {
        var known = restored.Where(p => p.Place.Source == SiteSource.Folder).ToList();
        folder.Expect(known.Select(p => p.Place));
        var readings = folder.Look(isFirst: true);
        if (folder.Trouble is not { } why)
        {
            _freshness.Seen(SiteSource.Folder);
            return readings;
        }
        if (known.Count == 0)
            throw new CommandException($"the folder of site files {folder.Folder} cannot be read: {why}. Make it, or mend sitesFolder in {_settings.File ?? "the environment"}.");
        Tell(SiteSource.Folder, known.Sum(p => p.Sites!.Count), keptAt!.Value, file, $"{folder.Folder}: {why}.", log);
        return [];
    }

    private void Tell(SiteSource source, int sites, DateTimeOffset keptAt, string file, string why, ILogger log)
    {
        _freshness.Seen(source, keptAt);
        log.LastGoodServed(file, Age.Of(TimeProvider.System.GetUtcNow() - keptAt), sites, SiteFreshness.NameOf(source), why);
    }

    private void NoteSettings(ReloadOutcome outcome)
    {
        if (outcome == ReloadOutcome.Accepted || (outcome == ReloadOutcome.Unchanged && InForce.Under(s => s.Refusals.All(r => r.Place.Source != SiteSource.Settings || r.IsConflict))))
            _freshness.Seen(SiteSource.Settings);
    }

    /// <summary>Puts the sites in force into the edge's table when it starts.</summary>
    private sealed class SiteTableStart(SitesInForce sites, SiteTable table, SiteMetrics metrics) : IHostedService
    {
        private readonly SiteMetrics _observed = metrics;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            sites.Serve(table);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _observed.Dispose();
            return Task.CompletedTask;
        }
    }
}
