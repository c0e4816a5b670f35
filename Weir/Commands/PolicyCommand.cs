using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control;
using Weir.Detection;
using Weir.Hosting;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
using Weir.Proxy.Policies;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir policy</c>: tries a site's rules on what is stored.</summary>
internal static class PolicyCommand
{
    // Some minutes of reading.
    private const int HitsMaxDefault = 5_000_000;

    /// <summary>The command.</summary>
    public static Command Create() => new("policy", "Tries a site's rules on stored hits before they are turned on.") { CreateTest() };

    private static Command CreateTest()
    {
        var site = new Option<string>("--site") { Description = "Whose hits.", Required = true };
        var policy = new Option<string?>("--policy") { Description = "File of rules: a list, an object with a list policy, or a whole site as weir sites put takes it. Without it: the site's rules in weir.json." };
        var days = new Option<int>("--days") { Description = "How far back; 30 days without it.", DefaultValueFactory = _ => 30 };
        var max = new Option<int>("--hits-max") { Description = $"Hits replayed at most, the newest; {HitsMaxDefault:N0} without it.", DefaultValueFactory = _ => HitsMaxDefault };
        var clickhouse = SettingFlags.ClickHouse("A ClickHouse server to read instead");
        var json = new Option<bool>("--json") { Description = "Print the outcome as JSON." };
        site.Validators.Add(r =>
        {
            if (!SiteId.TryParse(r.GetValueOrDefault<string?>(), null, out _))
                r.AddError($"--site: '{TerminalText.Clean(r.GetValueOrDefault<string?>() ?? "", 80)}' is not a site id. Use {SiteId.Rule}.");
        });
        Between(days, 1, 36_500);
        Between(max, 1, 1_000_000_000);
        var command = new Command("test", "Replays stored hits, imported ones too, against rules as if each were enforced, and prints who would have met what. Changes nothing.")
        {
            site, policy, days, max, SettingFlags.Config, SettingFlags.Data, clickhouse, json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var settings = SettingFlags.Read(parsed, clickhouse);
            var id = SiteId.Parse(parsed.GetRequiredValue(site));
            var rules = parsed.GetValue(policy) is { } file ? PolicyFile.Read(file) : RulesOf(settings, id);
            var limit = settings.Sites.FirstOrDefault(s => s.Id == id)?.Limit;
            var outcome = await ReplayAsync(settings, id, new PolicyReplay(id, rules, limit), parsed.GetValue(days), parsed.GetValue(max), stop);
            PolicyReport.Write(outcome, parsed.GetValue(json), parsed.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }

    internal static void Between(Option<int> option, int least, int most) => option.Validators.Add(r =>
    {
        if (r.GetValueOrDefault<int>() is var value && (value < least || value > most))
            r.AddError($"{option.Name}: {value} is out of range. Write a number from {least} to {most}.");
    });

    private static IReadOnlyList<PolicyRule> RulesOf(WeirSettings settings, SiteId id) =>
        settings.Sites.FirstOrDefault(s => s.Id == id) is { } site && (site.Policy.Count > 0 || site.Limit is not null) ? site.Policy
            : throw new CommandException($"The settings have no rules for the site {id}. Name a file of rules with --policy FILE.");

    private static async Task<PolicyOutcome> ReplayAsync(
        WeirSettings settings, SiteId id, PolicyReplay replay, int days, int max, CancellationToken stop)
    {
        var to = TimeProvider.System.GetUtcNow();
        var from = to - TimeSpan.FromDays(days);
        await using var store = await OpenAsync(settings, stop);
        using var stored = new StoredRequests(store.Endpoint);
        try
        {
            long toMs = to.ToUnixTimeMilliseconds() + 1, fromMs = from.ToUnixTimeMilliseconds();
            long first = await stored.NewestAsync(id, fromMs, toMs, max, stop);
            await foreach (var request in stored.ReadAsync(id, first, toMs, stop))
                replay.Take(request);
            return new PolicyOutcome(id, days, DateTimeOffset.FromUnixTimeMilliseconds(first), to, first > fromMs, replay);
        }
        catch (StoreException e)
        {
            throw new CommandException($"The stored hits cannot be read: {e.Message}", e);
        }
    }

    internal static async Task<Store> OpenAsync(WeirSettings settings, CancellationToken stop)
    {
        var endpoint = settings.ClickHouse;
        if (endpoint is null && !Directory.Exists(settings.Data))
            throw new CommandException($"There is no data folder {settings.Data}. Import a log first with weir import, or name the folder with --data DIR.");
        endpoint ??= await EmbeddedClickHouse.TryFindRunningAsync(settings.Data, stop);
        return await Store.OpenAsync(endpoint, settings.Data, NullLoggerFactory.Instance, stop);
    }
}

/// <summary>What a replay came to.</summary>
/// <param name="Site">Whose hits.</param>
/// <param name="Days">How far back was asked.</param>
/// <param name="From">Start of what was replayed.</param>
/// <param name="To">Its end.</param>
/// <param name="IsCut">Whether there were more hits than replayed.</param>
/// <param name="Replay">The counts.</param>
internal sealed record PolicyOutcome(SiteId Site, int Days, DateTimeOffset From, DateTimeOffset To, bool IsCut, PolicyReplay Replay);
