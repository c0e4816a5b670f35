using System.Diagnostics.CodeAnalysis;
using Weir.Worker;

namespace Weir.Settings;

/// <summary>Reads which engines a worker asks, and for whom.</summary>
internal static class WorkerBinder
{
    private const string UrlExample = "Write an http or https URL without user, query or fragment, such as https://api.openai.com/v1.";

    /// <summary>Reads the section <c>worker</c>.</summary>
    /// <param name="worker">The section.</param>
    /// <param name="folder">Folder of the settings file.</param>
    public static WorkerSettings Bind(Section worker, string folder)
    {
        var otherwise = new WorkerSettings();
        var engines = worker.Objects("engines").Select(e => Engine(e, folder)).OfType<EngineOptions>().ToList();
        foreach (var twice in engines.GroupBy(e => e.Engine, StringComparer.Ordinal).Where(g => g.Count() > 1))
            worker.Errors.Add(worker.At, worker.PathOf("engines"), $"The engine '{twice.Key}' is described twice.", "Keep one of them.");
        return new WorkerSettings
        {
            Api = worker.Text("api") is { } api ? Url(api) : null,
            Key = SettingsBinder.Password(worker, folder, "key").Trim(),
            Name = worker.Text("name") is { } name ? Line(name, 100) : null,
            Lease = worker.Integer("leaseSeconds", 5, 3600) is { } lease ? TimeSpan.FromSeconds(lease) : otherwise.Lease,
            AnswerLife = worker.Integer("answerMinutes", 0, 1440) is { } minutes ? TimeSpan.FromMinutes(minutes) : otherwise.AnswerLife,
            DrainTimeout = worker.Seconds("drainSeconds", 3600, otherwise.DrainTimeout),
            Engines = engines,
            Brands = [.. worker.Objects("brands").Select(Brand).OfType<BrandOptions>()],
        };
    }

    /// <summary>Whether a text is where an engine or the API can be asked.</summary>
    public static bool TryUrl(string text, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out url) && url.Scheme is "http" or "https" && url!.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;

    private static EngineOptions? Engine(Section engine, string folder)
    {
        var otherwise = new EngineOptions { Engine = "", Url = new Uri("http://localhost") };
        if (engine.Text("engine") is not { Value.Length: > 0 } id)
            engine.Errors.Add(engine.At, engine.PathOf("engine"), "An engine is described without its id.", "Write \"engine\": as targets name it, such as chatgpt.");
        if (engine.Text("url") is not { } url)
            engine.Errors.Add(engine.At, engine.PathOf("url"), "An engine is described without its address.", UrlExample);
        string key = SettingsBinder.Password(engine, folder, "key").Trim();
        if (engine.Text("engine") is not { Value.Length: > 0 } named || engine.Text("url") is not { } given || Url(given) is not { } at)
            return null;
        int most = engine.Integer("concurrencyMax", 1, 1000, otherwise.ConcurrencyMax);
        return otherwise with
        {
            Engine = Line(named, 100),
            Url = at,
            Model = engine.Text("model") is { Value.Length: > 0 } model ? Line(model, 200) : otherwise.Model,
            Key = key,
            Instructions = engine.Text("instructions") is { Value.Length: > 0 } instructions ? instructions.Value : null,
            Timeout = engine.Seconds("timeoutSeconds", 600, otherwise.Timeout),
            ConcurrencyMax = most,
            ConcurrencyStart = Math.Min(most, otherwise.ConcurrencyStart),
            AnswerBytesMax = engine.Integer("answerBytesMax", 1024, 64 * 1024 * 1024, otherwise.AnswerBytesMax),
        };
    }

    private static BrandOptions? Brand(Section brand)
    {
        if (brand.Text("brand") is { Value.Length: > 0 } name)
            return new BrandOptions(name.Value.Trim(), [.. brand.Texts("names").Select(n => n.Value)], [.. brand.Texts("hosts").Select(h => h.Value)]);
        brand.Errors.Add(brand.At, brand.PathOf("brand"), "Marks are given without their brand.", "Write \"brand\": as targets name it.");
        return null;
    }

    private static Uri? Url(Given given)
    {
        if (TryUrl(given.Value, out var url))
            return url;
        // A URL may hold a password, which is not repeated on the screen.
        given.Refuse("This is no address to ask.", UrlExample);
        return null;
    }

    private static string Line(Given given, int charsMax)
    {
        string text = given.Value.Trim();
        if (text.Length > charsMax || text.Any(char.IsControl))
            given.Refuse($"This is more than {charsMax} characters on one line.", "Write a shorter one.");
        return text;
    }
}
