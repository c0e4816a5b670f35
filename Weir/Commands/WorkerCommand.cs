using System.CommandLine;
using Weir.Control;
using Weir.Hosting;
using Weir.Settings;
using Weir.Worker;

namespace Weir.Commands;

/// <summary><c>weir worker</c>: leases scans from an API, asks the engines, posts what they say.</summary>
internal static class WorkerCommand
{
    private const string Pair = "Write an engine's id, an equals sign and its";

    private static readonly Option<string?> ApiUrl = new("--api") { Description = "Where the API answers, such as https://weir.example.com. Without it: worker.api of the settings, or api on this machine." };
    private static readonly Option<string?> KeyFile = new("--key-file") { Description = "File of an API key with the scope scans:write. Without it: worker.keyFile, or admin.key of the data folder." };
    private static readonly Option<string[]> Engines = new("--engine") { Description = "An engine and where it is asked (chat completions as OpenAI's), such as chatgpt=https://api.openai.com/v1. Again for each engine; replaces those of the settings." };
    private static readonly Option<string[]> Models = new("--model") { Description = "Which model an engine is asked for, such as chatgpt=gpt-5-mini." };
    private static readonly Option<string[]> EngineKeyFiles = new("--engine-key-file") { Description = "File of an engine's key, such as chatgpt=/run/secrets/openai." };

    public static Command Create()
    {
        var command = new Command("worker", "Run a worker: lease scans from an API, ask the engines, find the citation, post the result. As many as you like, on any machines.")
        {
            ApiUrl, KeyFile, Engines, Models, EngineKeyFiles, SettingFlags.Config, SettingFlags.Data,
        };
        command.SetAction((parsed, _) =>
        {
            var settings = SettingFlags.Read(parsed);
            return RunAsync(Options(parsed, settings), settings);
        });
        return command;
    }

    private static async Task RunAsync(WorkerOptions options, WeirSettings settings)
    {
        using var signals = new StopSignals();
        using var logs = Logs.CreateFactory();
        await using var telemetry = await Telemetry.StartAsync(settings.Metrics, signals.Token);
        using var metrics = new WorkerMetrics();
        using var worker = new WorkerService(options, metrics, TimeProvider.System, logs);
        await worker.StartAsync(CancellationToken.None);
        Console.Out.WriteLine($"  Worker     {options.Name}  →  {options.Api}");
        foreach (var engine in options.Engines)
            Console.Out.WriteLine($"  Engine     {engine}");
        Banner.WriteMetrics(Console.Out, telemetry);
        Console.Out.WriteLine("  Stop       Ctrl-C; scans under way are ended or given back first");
        await Task.WhenAny(signals.WaitAsync(), worker.ExecuteTask!);
        await worker.StopAsync(CancellationToken.None);
        await worker.ExecuteTask!;
    }

    private static WorkerOptions Options(ParseResult parsed, WeirSettings settings)
    {
        var set = settings.Worker;
        var api = parsed.GetValue(ApiUrl) is { } given
            ? WorkerBinder.TryUrl(given, out var url) ? url : throw new CommandException("--api is no http or https URL. Write one such as http://127.0.0.1:8090.")
            : set.Api ?? ApiClient.Reachable(settings.Analytics.Listen);
        string key = parsed.GetValue(KeyFile) is { } file ? ApiClient.KeyIn(file)
            : set.Key.Length > 0 ? set.Key : ApiClient.KeyIn(Path.Combine(settings.Data, AdminKey.FileName));
        var engines = EnginesOf(parsed, set);
        if (engines.Count == 0)
            throw new CommandException("there is no engine to ask. Name one with --engine chatgpt=https://api.openai.com/v1, or in worker.engines of the settings.");
        var options = new WorkerOptions
        {
            Api = api,
            Key = key,
            Engines = engines,
            Brands = set.Brands,
            Lease = set.Lease,
            AnswerLife = set.AnswerLife,
            DrainTimeout = set.DrainTimeout,
        };
        return set.Name is { Length: > 0 } name ? options with { Name = name } : options;
    }

    private static List<EngineOptions> EnginesOf(ParseResult parsed, WorkerSettings set)
    {
        List<EngineOptions> engines = [.. set.Engines];
        if (parsed.GetValue(Engines) is { Length: > 0 } given)
        {
            engines = [.. PairsIn(given, "--engine", "URL").Select(pair => WorkerBinder.TryUrl(pair.Value, out var url)
                ? (set.Engines.FirstOrDefault(e => e.Engine == pair.Engine) ?? new EngineOptions { Engine = pair.Engine, Url = url }) with { Url = url }
                : throw new CommandException($"--engine: what stands behind '{TerminalText.Clean(pair.Engine, 40)}=' is no http or https URL. {Pair} URL, such as chatgpt=https://api.openai.com/v1."))];
        }
        foreach (var (engine, model) in PairsIn(parsed.GetValue(Models), "--model", "model"))
            Replace(engines, "--model", engine, e => e with { Model = model });
        foreach (var (engine, file) in PairsIn(parsed.GetValue(EngineKeyFiles), "--engine-key-file", "file"))
            Replace(engines, "--engine-key-file", engine, e => e with { Key = ApiClient.KeyIn(file) });
        if (engines.GroupBy(e => e.Engine).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new CommandException($"the engine '{TerminalText.Clean(twice.Key, 40)}' is named twice. Keep one of them.");
        return engines;
    }

    private static IEnumerable<(string Engine, string Value)> PairsIn(string[]? given, string flag, string what)
    {
        foreach (string pair in given ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1 || equals == pair.Length - 1)
                throw new CommandException($"{flag}: '{TerminalText.Clean(pair, 80)}' is no pair. {Pair} {what}, such as chatgpt=….");
            yield return (pair[..equals].Trim(), pair[(equals + 1)..].Trim());
        }
    }

    private static void Replace(List<EngineOptions> engines, string flag, string engine, Func<EngineOptions, EngineOptions> change)
    {
        int at = engines.FindIndex(e => e.Engine == engine);
        if (at < 0)
            throw new CommandException($"{flag}: '{TerminalText.Clean(engine, 40)}' is none of the engines that are asked. Name it with --engine too.");
        engines[at] = change(engines[at]);
    }
}
