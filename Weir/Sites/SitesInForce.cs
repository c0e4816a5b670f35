using Microsoft.Extensions.Logging;
using Weir.Control;
using Weir.Proxy;
using Weir.Proxy.Sites;

namespace Weir.Sites;

/// <summary>The sites that the edge serves, from all sources; says in the log and to listeners what changes. Safe from any thread.</summary>
/// <param name="time">Clock of the last change.</param>
/// <param name="log">Says what happened.</param>
internal sealed class SitesInForce(TimeProvider time, ILogger log)
{
    // Of thousands of files wrong at once, the log shows so many; the status lists all.
    private const int LinesMax = 20;

    private readonly Lock _changing = new();
    private readonly SiteSet _set = new();
    private HashSet<string> _told = [];
    private SiteTable? _table;

    /// <summary>Raised after each change of the sites in force, on the thread that made it: return at once.</summary>
    public event EventHandler? Changed;

    /// <summary>When sites last changed.</summary>
    public DateTimeOffset LastChange { get; private set; } = time.GetUtcNow();

    /// <summary>The sites served now.</summary>
    public IReadOnlyList<Site> Sites => Under(set => set.InForce.Values.Select(s => s.Placed.Site).ToList());

    /// <summary>Reads what is in force; keep it short.</summary>
    public T Under<T>(Func<SiteSet, T> read)
    {
        lock (_changing)
            return read(_set);
    }

    /// <summary>Puts every later change into this table, which serves <see cref="Sites"/> from now on.</summary>
    public void Serve(SiteTable table)
    {
        lock (_changing)
        {
            _table = table;
            table.Replace([.. _set.InForce.Values.Select(s => s.Placed.Site)]);
        }
    }

    /// <summary>Takes what was read of some places: all of it is in force when this returns, in one step.</summary>
    public void Apply(IReadOnlyCollection<PlaceReading> readings)
    {
        if (readings.Count == 0)
            return;
        SiteSetChange change;
        lock (_changing)
        {
            change = _set.Apply(readings);
            if (!change.IsEmpty)
            {
                LastChange = time.GetUtcNow();
                if (_table is { } table)
                {
                    table.Change(change.Changed, change.Removed);
                    log.SitesChanged(change.Changed.Count, change.Removed.Count, _set.InForce.Count, _set.HostCount);
                }
            }
            TellRefusals();
        }
        if (!change.IsEmpty)
            Changed?.Invoke(this, EventArgs.Empty);
    }

    private void TellRefusals()
    {
        var refusals = _set.Refusals.ToList();
        int shown = 0, hidden = 0;
        foreach (var refusal in refusals.Where(r => !_told.Contains(r.Error.ToString())))
        {
            // Whoever reads the settings file says itself what is wrong with it.
            if (refusal is { Place.Source: SiteSource.Settings, IsConflict: false })
                continue;
            if (++shown <= LinesMax)
                log.SiteRefused(TerminalText.Clean(refusal.Error.ToString(), 1000));
            else
                hidden++;
        }
        if (hidden > 0)
            log.MoreSitesRefused(hidden);
        _told = [.. refusals.Select(r => r.Error.ToString())];
    }
}
