using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Proxy;
using Weir.Proxy.Certificates;
using Weir.Settings;

namespace Weir.Commands;

/// <summary>What <c>weir check</c> says of the certificates: what is wrong with them, and which hosts have none.</summary>
internal static class CertificateReport
{
    // More would hide the rest of the report.
    private const int LinesMax = 50;

    /// <summary>Reads the folder as a start would, and says what it finds. A host may get its certificate later, so nothing here is an error.</summary>
    public static void Write(WeirSettings settings, TextWriter output)
    {
        if (settings.Certificates.Folder is null)
        {
            output.WriteLine("certificates: those of the control store (weir certificates list); no certificates.folder is set");
            return;
        }
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new EdgeMetrics(services.GetRequiredService<IMeterFactory>());
        var store = new CertificateStore(settings.Certificates, metrics, TimeProvider.System, NullLogger<CertificateStore>.Instance);
        store.Load();
        output.WriteLine($"certificates: {store.Count} in {settings.Certificates.Folder}");
        WriteLines(output, [.. store.Problems.Select(p => $"  warning: {p}")]);
        WriteLines(output, [.. store.Doubles.Select(d => $"  note: {d}")]);
        // A site for any host, or for an address, says no name that a certificate could be for.
        WriteLines(output, [.. settings.Sites
            .SelectMany(s => s.Hosts.Where(h => IsName(h) && !store.Covers(h)).Select(h => $"  warning: no certificate is for {h} of site {s.Id}"))]);
        if (settings.Certificates.DefaultHost is { } host && !store.Covers(host))
            output.WriteLine($"  warning: no certificate is for certificates.defaultHost, {host}");
    }

    private static bool IsName(string host) => host != "*" && !System.Net.IPAddress.TryParse(host.Trim('[', ']'), out _);

    private static void WriteLines(TextWriter output, List<string> lines)
    {
        foreach (string line in lines.Take(LinesMax))
            output.WriteLine(line);
        if (lines.Count > LinesMax)
            output.WriteLine($"  … and {lines.Count - LinesMax} more of this kind");
    }
}
