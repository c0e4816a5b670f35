using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Weir.Control;
using Weir.Scheduling.Planning;
using Weir.Scheduling.Selection;
using Weir.Simulation;

namespace Weir.Commands;

/// <summary><c>weir simulate</c>: what a scan policy finds, and at what cost, in a made-up world or on recorded history.</summary>
internal static class SimulateCommand
{
    private static readonly Option<string> Set = new("--set") { Description = $"World: {string.Join(" or ", WorldParameters.Sets.Keys)}.", DefaultValueFactory = _ => "base" };
    private static readonly Option<FileInfo?> Params = new("--params") { Description = "JSON file of the world's parameters; what it leaves out is as in the set 'base'." };
    private static readonly Option<FileInfo?> Trace = new("--trace") { Description = "Recorded history instead of a made-up world: a JSON object a line, .gz or not (docs/simulate.md)." };
    private static readonly Option<bool> History = new("--history") { Description = "An organisation's own history, from the control store: what was triggered and what its scans found." };
    private static readonly Option<string> TenantName = new("--tenant") { Description = "Whose history.", DefaultValueFactory = _ => Tenant.Default };
    private static readonly Option<FileInfo?> Record = new("--record") { Description = "Write the made-up world, or the history, of the first seed as such a file, and run nothing." };
    private static readonly Option<int> Seed = new("--seed") { Description = "First seed of the world: the same seed is the same world, and the same result.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "How many worlds, from the first seed on.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int?> Brands = new("--brands") { Description = "Brands of the world." };
    private static readonly Option<int?> Queries = new("--queries") { Description = "Queries of a brand." };
    private static readonly Option<int?> Engines = new("--engines") { Description = "Engines that each is asked at." };
    private static readonly Option<double?> Days = new("--days") { Description = "Days after the 30 of learning." };
    private static readonly Option<string[]> Policy = new("--policy")
    {
        Description = $"Policies to run on the same world, separated by commas: {string.Join(", ", Policies.Names.Keys)}.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["uniform", "seed1", "seedbest", "index-nosignals", "index"],
    };
    private static readonly Option<string[]> Budget = new("--budget")
    {
        Description = "Scans a target and day, separated by commas: 0.1 is a tenth of daily scanning. 'none' lets a baseline preset cost what it costs.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["0.5", "0.2", "0.1", "0.05"],
    };
    private static readonly Option<bool> ByTenant = new("--by-tenant") { Description = "Give each brand its own budget; without it all share one." };
    private static readonly Option<double> Kappa = new("--kappa") { Description = "Worth of a day's freshness in changes found: 0.01 finds more, 0.05 stays fresher.", DefaultValueFactory = _ => 0.02 };
    private static readonly Option<FileInfo?> Html = new("--html") { Description = "Write table and plot as a page." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print a JSON object a line for each policy, budget and seed." };

    // Older answers say little of today's.
    private const double HistoryDays = 120;
    private const int HistorySeeds = 5;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("simulate", "Runs scan policies on a made-up world or on recorded history: what they find, late or never, and what they cost.")
        {
            Set, Params, Trace, History, TenantName, ControlAccess.Data, ControlAccess.Config, Record, Seed, Seeds, Brands, Queries, Engines, Days, Policy, Budget, ByTenant, Kappa, Html, Json,
        };
        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                Run(parsed, parsed.GetValue(History) ? await HistoryAsync(parsed, stop) : null, stop);
            }
            catch (SimulationException e)
            {
                throw new CommandException(TerminalText.Clean(e.Message), e);
            }
        });
        return command;
    }

    private static async Task<ScanHistory> HistoryAsync(ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(Trace) is not null)
            throw new SimulationException("--history and --trace are two histories; give one.");
        string tenant = parsed.GetRequiredValue(TenantName);
        ScanHistory? history = null;
        await ControlAccess.RunAsync(
            parsed, async store => history = await ScanHistory.ReadAsync(store, tenant, TimeProvider.System.GetUtcNow(), parsed.GetValue(Days) ?? HistoryDays, stop), stop);
        return history ?? throw new SimulationException($"'{tenant}' has no scans in the last {parsed.GetValue(Days) ?? HistoryDays:0} days. Run a made-up world instead, without --history.");
    }

    private static void Run(ParseResult parsed, ScanHistory? history, CancellationToken stop)
    {
        var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var world = parsed.GetValue(Trace) is null && history is null ? WorldOf(parsed) : null;
        if (parsed.GetValue(Record) is { } record)
        {
            if (parsed.GetValue(Trace) is not null)
                throw new SimulationException("--record writes a made-up world or a history; a trace is a file already.");
            Writing(record, () => TraceFile.Write(TraceOf(parsed, world, history, parsed.GetValue(Seed)), record.FullName));
            output.WriteLine($"written: {record.FullName}");
            return;
        }
        string[] policies = history is not null && parsed.GetResult(Policy) is null or { Implicit: true }
            ? ["recorded", "daily", "uniform", "seed1", "seedbest", "index"] : KeysCommand.Split(parsed.GetRequiredValue(Policy));
        double?[] budgets = [.. KeysCommand.Split(parsed.GetRequiredValue(Budget)).Select(BudgetOf)];
        string? wrong = Array.Find(policies, p => !Policies.Names.ContainsKey(p));
        if (wrong is not null)
            throw new SimulationException($"--policy: there is no '{wrong}'. Known: {string.Join(", ", Policies.Names.Keys)}.");
        int seeds = SeedsOf(parsed, history);
        var options = new IndexOptions { Budget = 0, IsByTenant = parsed.GetValue(ByTenant), Kappa = parsed.GetValue(Kappa), Noise = world?.Noise ?? 0 };
        var results = new List<SimulationResult>();
        for (int seed = parsed.GetValue(Seed), last = seed + seeds - 1; seed <= last; seed++)
        {
            var trace = TraceOf(parsed, world, history, seed);
            foreach (double? budget in budgets)
            {
                foreach (string policy in policies)
                {
                    stop.ThrowIfCancellationRequested();
                    long began = TimeProvider.System.GetTimestamp();
                    var measures = SimulationRun.Run(trace, Policies.Make(policy, trace, budget, options), world?.Noise ?? 0, seed);
                    var result = new SimulationResult(policy, budget, seed, measures, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
                    results.Add(result);
                    if (parsed.GetValue(Json))
                        output.WriteLine(JsonOf(result).ToJsonString());
                    else
                        errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{policy}, budget {Text(budget)}, seed {seed}: {result.Seconds:0.0} s"));
                }
            }
        }
        if (!parsed.GetValue(Json))
            output.Write(SimulationTable.Text(results));
        if (parsed.GetValue(Html) is { } html)
            Write(html, SimulationTable.Html(results, Title(parsed, world)));
    }

    private static Trace TraceOf(ParseResult parsed, WorldParameters? world, ScanHistory? history, int seed) =>
        history is not null ? HistoryTrace.Make(history, seed)
        : world is not null ? World.Make(world, seed) : TraceFile.Read(parsed.GetValue(Trace)!.FullName);

    // A history's traces differ in when its changes happened: several show how much hangs on that.
    private static int SeedsOf(ParseResult parsed, ScanHistory? history) =>
        parsed.GetValue(Trace) is not null ? 1
        : history is not null && parsed.GetResult(Seeds) is null or { Implicit: true } ? HistorySeeds : Math.Clamp(parsed.GetValue(Seeds), 1, 100);

    private static WorldParameters WorldOf(ParseResult parsed)
    {
        string set = parsed.GetRequiredValue(Set);
        if (!WorldParameters.Sets.TryGetValue(set, out var world))
            throw new SimulationException($"--set: there is no '{set}'. Known: {string.Join(", ", WorldParameters.Sets.Keys)}.");
        if (parsed.GetValue(Params) is { } file)
            world = WorldParameters.Parse(Read(file));
        world = world with
        {
            Brands = parsed.GetValue(Brands) ?? world.Brands,
            Queries = parsed.GetValue(Queries) ?? world.Queries,
            Engines = parsed.GetValue(Engines) ?? world.Engines,
            Days = parsed.GetValue(Days) is { } days ? days + world.Warmup : world.Days,
        };
        world.Check();
        return world;
    }

    private static double? BudgetOf(string text) => text == "none" ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double budget) && budget is > 0 and <= 24 ? budget
        : throw new SimulationException($"--budget: '{text}' is no budget. Give scans a target and day from above 0 to 24, or none.");

    private static string Read(FileInfo file)
    {
        try
        {
            return file.Length <= 1 << 20 ? File.ReadAllText(file.FullName) : throw new SimulationException($"{file} is over 1 MB; parameters are a few lines.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SimulationException($"{file} cannot be read: {e.Message}", e);
        }
    }

    private static void Write(FileInfo file, string text) => Writing(file, () => File.WriteAllText(file.FullName, text));

    private static void Writing(FileInfo file, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SimulationException($"{file} cannot be written: {e.Message}", e);
        }
    }

    private static string Title(ParseResult parsed, WorldParameters? world) => world is null ? parsed.GetValue(Trace)?.Name ?? $"History of {parsed.GetValue(TenantName)}"
        : string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(Params)?.Name ?? parsed.GetValue(Set)}: {world.Brands:N0} brands × {world.Queries} queries × {world.Engines} engines, {world.Days - world.Warmup:0} days");

    private static string Text(double? budget) => budget?.ToString(CultureInfo.InvariantCulture) ?? "none";

    private static JsonObject JsonOf(SimulationResult r) => new()
    {
        ["policy"] = r.Policy,
        ["budget"] = r.Budget,
        ["seed"] = r.Seed,
        ["cost"] = Math.Round(r.Measures.Cost, 6),
        ["found24"] = Math.Round(r.Measures.Found24, 6),
        ["foundAny"] = Math.Round(r.Measures.FoundAny, 6),
        ["freshness"] = Math.Round(r.Measures.Freshness, 6),
        ["staleAgeDays"] = Math.Round(r.Measures.StaleAgeDays, 4),
        ["worst10"] = Math.Round(r.Measures.Worst10, 6),
        ["gapMaxDays"] = Math.Round(r.Measures.GapMaxDays, 3),
        ["costWeekMax"] = Math.Round(r.Measures.CostWeekMax, 6),
        ["changes"] = r.Measures.Changes,
        ["byCause"] = new JsonObject([.. r.Measures.ByCause.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)Math.Round(c.Value, 4)))]),
        ["byChanges"] = new JsonObject([.. r.Measures.ByChanges.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)Math.Round(c.Value, 4)))]),
        ["seconds"] = Math.Round(r.Seconds, 2),
    };
}
