using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Reporting;

namespace Weir.Faults;

/// <summary>One run: faults at random moments under traffic, then an audit.</summary>
internal sealed class FaultRun(Options options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Does it.</summary>
    /// <exception cref="BenchException">What was promised does not hold, or weir did not come back.</exception>
    public async Task GoAsync()
    {
        var random = new Random(options.Seed);
        Dictionary<Fault, int> made = Enum.GetValues<Fault>().ToDictionary(f => f, _ => 0);
        await using var origin = await StartOriginAsync();
        using var weir = new WeirProcess(options.Folder, new Uri(origin.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));
        await weir.StartAsync();
        await using var promises = new PromiseWatch(weir);
        var maker = new FaultMaker(weir, promises, options.Folder, random);
        await using var traffic = new Traffic(weir.EdgePort);
        for (int round = 1; round <= options.Rounds; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.3 + (3 * random.NextDouble())), TimeProvider.System);
            var fault = (Fault)random.Next(made.Count);
            await maker.MakeAsync(fault);
            made[fault]++;
            Console.WriteLine($"round {round} of {options.Rounds}  {fault}, {traffic.Requests.Count:N0} requests answered");
        }
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        await traffic.StopAsync();
        await WaitForPromiseAsync(promises, TimeProvider.System.GetUtcNow());
        var audit = await Audit.OfAsync(weir.Store!, traffic.Requests, maker.EdgeKills);
        Report(made, audit, maker.EdgeKills);
        if (!audit.IsSound)
            throw new BenchException($"what was promised does not hold: {audit}");
    }

    private static async Task<WebApplication> StartOriginAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(http => http.Response.WriteAsync("<!doctype html><title>A page</title>"));
        await app.StartAsync();
        return app;
    }

    // The writer says so itself when everything is stored or counted.
    private static async Task WaitForPromiseAsync(PromiseWatch promises, DateTimeOffset until)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (promises.PromisedMs <= until.ToUnixTimeMilliseconds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new BenchException($"the writer has not caught up after {Patience.TotalMinutes} minutes; what weir printed is in bench/out/faults.log.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private void Report(Dictionary<Fault, int> made, Audit audit, List<EdgeKill> kills)
    {
        var facts = RunFacts.Of($"bench/run faults --rounds {options.Rounds} --seed {options.Seed}", []);
        var text = new StringBuilder("# Faults: what was answered, and what is stored\n\nMade by bench/run; not edited by hand. How to read it: [bench/README.md](../README.md).\n\n")
            .Append(facts.Markdown)
            .Append($"\n{options.Rounds} faults at random moments, while clients send; `weir up` with its own ClickHouse on a disk of 1 GB.\n\n");
        var faults = new MarkdownTable("fault", "times");
        foreach (var (fault, times) in made)
            faults.Add(fault.ToString(), Text(times));
        text.Append(faults);
        var table = new MarkdownTable("", "hits");
        table.Add("requests answered", Text(audit.Answered));
        table.Add("of these stored", Text(audit.Stored));
        table.Add("stored twice (must be 0)", Text(audit.Doubled));
        table.Add($"in the edge's memory alone when it was killed ({kills.Count} kills)", Text(audit.InMemory));
        table.Add("not stored otherwise", Text(audit.Missing));
        foreach (var (reason, count) in audit.Counted)
            table.Add($"counted as lost: {reason}", Text(count));
        table.Add("not stored and not counted (must be 0)", Text(Math.Max(0, audit.Missing - audit.Counted.Values.Sum())));
        table.Add("rows of the hourly view that differ from the table (must be 0)", Text(audit.ViewRowsOff));
        table.Add("crawler fetches that the trigger reader's table lacks (must be 0)", Text(audit.FetchesOff));
        text.Append(table);
        var json = new JsonObject
        {
            ["run"] = facts.Json(),
            ["faults"] = new JsonObject(made.Select(m => KeyValuePair.Create(m.Key.ToString(), (JsonNode?)m.Value))),
            ["answered"] = audit.Answered,
            ["stored"] = audit.Stored,
            ["doubled"] = audit.Doubled,
            ["inMemory"] = audit.InMemory,
            ["missing"] = audit.Missing,
            ["counted"] = new JsonObject(audit.Counted.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
            ["viewRowsOff"] = audit.ViewRowsOff,
            ["fetchesOff"] = audit.FetchesOff,
        };
        ReportFiles.Write("faults", options.Rounds < Options.RoundsOfReport || !audit.IsSound, text.ToString(), json);
    }

    private static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
