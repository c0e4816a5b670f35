using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Detection;

namespace Weir.Sites;

/// <summary>Tells the API which sites files define, each time that changes: new ones are made known in the control store, so that their hits can
/// be read, and those that are gone may be written there.</summary>
internal sealed partial class FileSiteFollower : BackgroundService
{
    // A control store that takes no writes is tried again after this, and whenever sites change.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly SiteSources _sources;
    private readonly SiteFiles _files;
    private readonly ISites _known;
    private readonly TimeProvider _time;
    private readonly ILogger<FileSiteFollower> _log;
    private readonly HashSet<SiteId> _made;
    // Holds at most one word: changes that come while sites are taken over are taken over together.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="sources">The sites.</param>
    /// <param name="files">What the API asks.</param>
    /// <param name="known">The control store.</param>
    /// <param name="made">Sites that the control store knows already.</param>
    /// <param name="time">Clock of the tries.</param>
    /// <param name="log">Says when the control store takes no site.</param>
    public FileSiteFollower(SiteSources sources, SiteFiles files, ISites known, IEnumerable<SiteId> made, TimeProvider time, ILogger<FileSiteFollower> log)
    {
        (_sources, _files, _known, _made, _time, _log) = (sources, files, known, [.. made], time, log);
        _sources.InForce.Changed += Note;
        // For what changed since the caller looked.
        Note(null, EventArgs.Empty);
    }

    /// <summary>Called after each change that was taken over. Set before the start.</summary>
    public Action? Taken { get; init; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _sources.InForce.Changed -= Note;
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (bool _ in _changes.Reader.ReadAllAsync(stoppingToken))
        {
            var now = _sources.FileSites;
            _files.Replace(now);
            try
            {
                foreach (var site in now.Where(s => !_made.Contains(s.Site.Id)))
                {
                    await _known.EnsureAsync(site.Site.Id, stop: stoppingToken);
                    _made.Add(site.Site.Id);
                }
                Taken?.Invoke();
            }
            catch (Exception e) when (e is DbException or ControlException or IOException)
            {
                SiteNotMade(_log, e.Message);
                await Task.Delay(Rest, _time, stoppingToken);
                Note(null, EventArgs.Empty);
            }
        }
    }

    private void Note(object? sender, EventArgs e) => _changes.Writer.TryWrite(true);

    [LoggerMessage(7100, LogLevel.Warning, "A new site could not be made known to the API, and is tried again: {Why} It is served all the same.")]
    private static partial void SiteNotMade(ILogger log, string why);
}
