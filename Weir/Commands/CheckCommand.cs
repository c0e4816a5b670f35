using System.CommandLine;
using Weir.Detection;
using Weir.Hosting;
using Weir.Proxy.Connection;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Commands;

/// <summary><c>weir check CONFIG</c>: says everything that is wrong with a settings file, or what it means.</summary>
internal static class CheckCommand
{
    // A list of thousands would push everything else off the screen.
    private const int SitesShownMax = 100;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var config = new Argument<string>("CONFIG") { Description = "Settings file to check, such as weir.json." };
        var peer = new Option<string?>("--peer") { Description = "Show whom the edge would believe: address of the other end of the connection." };
        var xff = new Option<string[]>("--xff") { Description = "X-Forwarded-For header of that request; may be given several times." };
        var forwarded = new Option<string[]>("--forwarded") { Description = "Forwarded header of that request; may be given several times." };
        var command = new Command("check", "Checks a settings file: every error with its line, or the sites it serves.") { config, peer, xff, forwarded };
        peer.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string?>() is { } text && !ClientAddress.TryParse(text, out _))
                r.AddError($"--peer: '{text}' is not an address. Write one such as 203.0.113.9.");
        });
        command.Validators.Add(r =>
        {
            if (r.GetValue(peer) is null && ((r.GetValue(xff)?.Length ?? 0) > 0 || (r.GetValue(forwarded)?.Length ?? 0) > 0))
                r.AddError("--xff and --forwarded need --peer: headers are believed from configured proxies only.");
        });
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(config), parsed.GetValue(peer), parsed.GetValue(xff) ?? [], parsed.GetValue(forwarded) ?? [],
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string file, string? peer, string[] xff, string[] forwarded, TextWriter output, TextWriter error)
    {
        WeirSettings settings;
        try
        {
            settings = SettingsReader.Read(file, SettingsReader.Environment(), []);
        }
        catch (SettingsException e)
        {
            foreach (var wrong in e.Errors)
                error.WriteLine(wrong);
            return CommandLine.Failed;
        }
        var set = SiteCheck.Read(settings, out var wrongSites);
        foreach (var wrong in wrongSites)
            error.WriteLine(TerminalText.Clean(wrong.ToString(), 1000));
        if (wrongSites.Count > 0)
            return CommandLine.Failed;
        settings = settings with { PlacedSites = [.. set.InForce.Values.Select(s => s.Placed)] };
        foreach (var warning in settings.Warnings)
            output.WriteLine($"warning: {warning}");
        WriteSettings(settings, set, output);
        if (settings.Edge.IsTlsUsed)
            CertificateReport.Write(settings, output);
        if (peer is not null)
            WriteAddress(settings, peer, xff, forwarded, output);
        return 0;
    }

    private static void WriteSettings(WeirSettings settings, SiteSet set, TextWriter output)
    {
        var sites = settings.Sites;
        output.WriteLine($"ok: {Banner.Count(sites.Count, "site")}{SiteCheck.Sources(settings, set)}");
        foreach (var site in sites.Take(SitesShownMax))
            output.WriteLine($"  {site.Id}: {string.Join(", ", site.Hosts)} -> {string.Join(", ", site.Origins)}{(site.TrapPath is null ? "" : $"; trap {site.TrapPath}")}");
        if (sites.Count > SitesShownMax)
            output.WriteLine($"  … and {sites.Count - SitesShownMax:N0} more");
        output.WriteLine($"edge: {string.Join(", ", settings.Listen)}");
        output.WriteLine($"api: {settings.Api}");
        output.WriteLine($"data: {settings.Data}");
        output.WriteLine($"clickhouse: {settings.ClickHouse?.ToString() ?? "embedded"}");
        output.WriteLine(settings.TrustedProxies.Count == 0
            ? "trusted proxies: none; the client address is the other end of the connection"
            : $"trusted proxies: {string.Join(", ", settings.TrustedProxies)}");
    }

    private static void WriteAddress(WeirSettings settings, string peer, string[] xff, string[] forwarded, TextWriter output)
    {
        var peerAddress = ClientAddress.From(System.Net.IPAddress.Parse(peer));
        var trusted = new TrustedProxies(settings.TrustedProxies);
        var believed = new ClientAddressResolver(trusted, settings.ForwardedHeader).Resolve(peerAddress, xff, forwarded);
        string why = !trusted.Contains(peerAddress)
            ? $"{peerAddress} is no trusted proxy, so what it forwards is not believed"
            : believed == peerAddress
                ? $"{peerAddress} is a trusted proxy, but names no readable address"
                : $"{peerAddress} is a trusted proxy, and this is the first address from the right that is not";
        if (believed != peerAddress && trusted.Contains(believed))
            why = "every address from the right is a trusted proxy, or the next one cannot be read";
        output.WriteLine($"client address: {believed} ({why})");
    }
}
