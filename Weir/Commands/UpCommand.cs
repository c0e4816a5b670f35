using System.CommandLine;
using Weir.Control;
using Weir.Detection;
using Weir.Detection.Identification;
using Weir.Hosting;
using Weir.Proxy;
using Weir.Proxy.SampleSite;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Commands;

/// <summary><c>weir up</c>: edge, API, dashboard, scheduler and embedded stores in one process group.</summary>
internal static class UpCommand
{
    private static readonly Option<Uri?> Origin = new("--origin")
    {
        Description = "Your own server, such as http://127.0.0.1:3000. Without it (and without sites in weir.json) a sample site is served.",
        CustomParser = result => ReadOrigin(result),
    };

    private static readonly Option<string?> SiteName = new("--site")
    {
        Description = "The site's id with --origin. A host name, such as www.example.com, is also the host it answers for.",
    };

    public static Command Create()
    {
        var command = new Command("up", "Run everything: the edge, the API with its dashboard, the scheduler and the stores.")
        {
            Origin, SiteName, SettingFlags.Config, SettingFlags.Data, SettingFlags.Listen, SettingFlags.Api,
        };
        command.SetAction((parsed, _) => RunAsync(SettingsSource.Of(parsed), Settings(parsed), parsed.GetValue(Origin), parsed.GetValue(SiteName)));
        return command;
    }

    private static WeirSettings Settings(ParseResult parsed)
    {
        var settings = SettingFlags.ReadForEdge(parsed);
        var origin = parsed.GetValue(Origin);
        string? name = parsed.GetValue(SiteName);
        if (origin is null)
        {
            return name is null ? settings
                : throw new CommandException("--site names the site of --origin. Give both, or write the site into weir.json.");
        }
        if (settings.Sites.Count + settings.SiteErrors.Count > 0 || settings.SitesFolder is not null)
            throw new CommandException("--origin and sites in weir.json are two answers to one question. Leave one of them out.");
        return settings with { PlacedSites = [PlacedSite.Of(OnlySite(name ?? "default", origin), "--origin")] };
    }

    private static async Task RunAsync(SettingsSource source, WeirSettings settings, Uri? origin, string? siteName)
    {
        using var signals = new StopSignals();
        using var folder = DataFolder.Hold(settings.Data);
        using var logs = Logs.CreateFactory();
        await using var telemetry = await Telemetry.StartAsync(settings.Metrics, signals.Token);
        using var sites = SiteSources.Open(settings, origin is null ? source : source with { File = null }, folder.Path, hasControl: true, logs);
        await using var sample = sites.InForce.Sites.Count == 0 ? SampleSiteHost.Create() : null;
        if (sample is not null)
        {
            await sample.StartAsync(signals.Token);
            sites.AddSample(PlacedSite.Of(OnlySite("sample", sample.BoundUrls()[0]), "the built-in sample site"));
        }
        await using var detector = EdgeDetector.Create(settings, folder, logs);
        // Disposed in reverse: the edge ends its requests and drains its hits into the store before the store stops.
        await using var store = await Store.OpenAsync(settings.ClickHouse, folder.Path, logs, signals.Token);
        await using var analytics = await AnalyticsRole.StartAsync(settings, sites.FileSites, folder.Path, store.Endpoint, detector.Detector.Catalog, logs, signals.Token,
            followed: sites);
        await sites.FollowAsync(analytics.Definitions, settings, logs, signals.Token);
        await using var edge = await EdgeRole.StartAsync(settings, store.Endpoint, detector, sites, analytics.Certificates(settings.CertificateKey), signals.Token);
        Announce(folder, edge, analytics, telemetry, sites.Describe(), isSample: sample is not null && sites.IsSampleServed);
        if (siteName is not null && IsHost(siteName))
            Banner.WritePorts(Console.Out, edge.Urls);
        var dns = siteName is not null && IsHost(siteName)
            ? DnsWatch.RunAsync(siteName, new HostAddresses(settings.ReverseDns?.Servers ?? [], TimeProvider.System), Console.Out, TimeProvider.System, signals.Token) : Task.CompletedTask;
        await signals.WaitAsync();
        await dns;
        Console.Out.WriteLine("Stopping: requests under way end, hits are written…");
    }

    private static void Announce(DataFolder folder, EdgeRole edge, AnalyticsRole analytics, Telemetry telemetry, string serves, bool isSample)
    {
        string edgeUrl = Banner.Reachable(edge.Urls[0]);
        string others = string.Concat(edge.Urls.Skip(1).Select(u => $", {Banner.Reachable(u)}"));
        var print = Console.Out;
        print.WriteLine();
        print.WriteLine($"  Edge       {edgeUrl}{others}  →  {serves}");
        Banner.WriteDashboard(print, analytics, folder);
        Banner.WriteMetrics(print, telemetry);
        print.WriteLine($"  Data       {folder.Path}");
        if (isSample)
            print.WriteLine($"  Try        curl -s -o /dev/null -A 'GPTBot/1.2' {edgeUrl}/pricing");
        print.WriteLine("  Stop       Ctrl-C; everything is kept");
        print.WriteLine();
    }

    /// <summary>A site that answers for its host name and for this machine's own names; or for every host, when its id is no host name.</summary>
    private static Site OnlySite(string name, Uri origin)
    {
        if (!SiteId.TryParse(name, null, out var id))
            throw new CommandException($"'{name}' is not a site id. Use {SiteId.Rule}.");
        return new Site { Id = id, Hosts = IsHost(name) ? [id.Value, "localhost", "127.0.0.1", "[::1]"] : ["*"], Origins = [origin], AllowsPrivateOrigins = true };
    }

    private static bool IsHost(string site) => site.Contains('.', StringComparison.Ordinal);

    private static Uri? ReadOrigin(System.CommandLine.Parsing.ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0)
            return url;
        result.AddError($"--origin '{text}' is not an http or https URL. Write one such as http://127.0.0.1:3000.");
        return null;
    }
}
