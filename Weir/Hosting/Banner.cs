using Weir.Control;

namespace Weir.Hosting;

/// <summary>What a started role says of itself, for people.</summary>
internal static class Banner
{
    /// <summary>A bound address as a person on this machine would type it: not 0.0.0.0 or [::], which only servers understand.</summary>
    public static string Reachable(Uri bound)
    {
        string host = bound.Host is "0.0.0.0" or "[::]" or "*" or "+" ? "127.0.0.1" : bound.Host;
        return $"{bound.Scheme}://{host}:{bound.Port}";
    }

    /// <summary>Prints where the dashboard is. The admin key is printed by the start that made it and by no other.</summary>
    public static void WriteDashboard(TextWriter print, AnalyticsRole analytics, DataFolder folder)
    {
        string url = Reachable(analytics.Url);
        string file = Path.Combine(folder.Path, AdminKey.FileName);
        print.WriteLine($"  Dashboard  {url}/{(analytics.IsNewKey ? $"#key={analytics.AdminKey}" : "")}");
        print.WriteLine(analytics.IsNewKey ? $"  Admin key  {analytics.AdminKey}  (shown this once; kept in {file})" : $"  Key        in {file}");
    }

    /// <summary>Says what is missing before the world can use the edge by name: browsers ask ports 80 and 443 and nothing else.</summary>
    public static void WritePorts(TextWriter print, IReadOnlyList<Uri> edge)
    {
        if (!edge.Any(u => u.Scheme == Uri.UriSchemeHttp && u.Port == 80))
            print.WriteLine($"  Port       browsers ask port 80, and this edge listens on {edge[0].Port}: --listen :80, or let a router lead 80 here");
        if (!edge.Any(u => u.Scheme == Uri.UriSchemeHttps))
            print.WriteLine("  HTTPS      not yet: docs/certificates.md says how, before DNS points here");
    }

    /// <summary>Prints where metrics can be read, when they can.</summary>
    public static void WriteMetrics(TextWriter print, Telemetry telemetry)
    {
        if (telemetry.Url is { } url)
            print.WriteLine($"  Metrics    {url}");
    }

    /// <summary>A number with its noun, in the plural where English wants it.</summary>
    public static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
