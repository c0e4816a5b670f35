using Microsoft.Extensions.Logging;
using Weir.Delivery;

namespace Weir.Analytics.Api.Alerts;

/// <summary>Asks each finder that is due, and tells what changed. For one caller at a time.</summary>
internal sealed class AlertEvaluation(SqlAlerts alerts, IEnumerable<IAlertFinder> finders, AlertMetrics metrics, ILogger<AlertEvaluation> log)
{
    private readonly IAlertFinder[] _finders = [.. finders];
    private readonly Dictionary<string, (DateTimeOffset At, string Alerts)> _looked = new(StringComparer.Ordinal);

    /// <summary>Looks once.</summary>
    /// <param name="until">Every hit before it is in the store.</param>
    /// <param name="stop">Gives up.</param>
    public async Task EvaluateAsync(DateTimeOffset until, CancellationToken stop)
    {
        var all = (await alerts.ListEnabledAsync(stop)).ToLookup(a => a.Rule.Kind, StringComparer.Ordinal);
        var states = (await alerts.StatesAsync(stop: stop)).ToDictionary(s => (s.Alert, s.Subject));
        foreach (var finder in _finders)
        {
            Alert[] some = [.. all[finder.Kind]];
            if (some.Length > 0 && IsDue(finder, some, until))
                await LookAsync(finder, some, states, until, stop);
        }
        metrics.Firing(await alerts.CountFiringAsync(stop));
    }

    // A new or changed alert is looked at with the next minute, however seldom its kind is.
    private bool IsDue(IAlertFinder finder, Alert[] some, DateTimeOffset until)
    {
        string written = $"{some.Length} {some.Max(a => a.Changed).ToUnixTimeMilliseconds()}";
        if (_looked.TryGetValue(finder.Kind, out var last) && last.Alerts == written && until - last.At < finder.Every && until >= last.At)
            return false;
        _looked[finder.Kind] = (until, written);
        return true;
    }

    private async Task LookAsync(
        IAlertFinder finder, Alert[] some, Dictionary<(string, string), AlertState> states, DateTimeOffset until, CancellationToken stop)
    {
        try
        {
            var ids = some.Select(a => a.Id).ToHashSet(StringComparer.Ordinal);
            var mine = states.Values.Where(s => ids.Contains(s.Alert)).ToList();
            if (await finder.FindAsync(some, mine, until, stop) is not { } found)
                return;
            foreach (var finding in found)
                await NextAsync(finding.Alert, finding.Subject, states.GetValueOrDefault((finding.Alert.Id, finding.Subject)), finding, until, stop);
            var fires = found.Select(f => (f.Alert.Id, f.Subject)).ToHashSet();
            var byId = some.ToDictionary(a => a.Id, StringComparer.Ordinal);
            foreach (var over in mine.Where(s => s.IsFiring && !fires.Contains((s.Alert, s.Subject))))
                await NextAsync(byId[over.Alert], over.Subject, over, null, until, stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // One kind that cannot be looked for must not keep the others; it is due again at once.
            _looked.Remove(finder.Kind);
            log.AlertsNotEvaluated(finder.Kind, e.Message);
        }
    }

    private async Task NextAsync(Alert alert, string subject, AlertState? before, Finding? finding, DateTimeOffset at, CancellationToken stop)
    {
        var (state, news) = AlertTransition.Next(alert, subject, before, finding, at.ToUnixTimeMilliseconds());
        if (state is null || state == before)
            return;
        Message? message = news switch
        {
            AlertNews.Firing => AlertMessages.Firing(finding!, at),
            AlertNews.Resolved => AlertMessages.Resolved(alert, before!, at),
            _ => null,
        };
        await alerts.ChangeAsync(alert, before, state, message, stop);
    }
}
