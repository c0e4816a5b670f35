using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Commands;
using Weir.Proxy;
using Weir.Proxy.Sites;
using Weir.Settings;

namespace Weir.Hosting;

/// <summary>Where the sites of a run come from: the settings file, watched for changes, or flags alone.</summary>
/// <param name="parsed">The command line.</param>
internal sealed class SiteSource(ParseResult parsed)
{
    /// <summary>The file's name as typed; null when sites come from flags.</summary>
    public string? File { get; } = SettingFlags.FileOf(parsed);

    /// <summary>Puts changed sites in force while the edge runs; nothing when there is no file.</summary>
    public void AddReloader(IServiceCollection services)
    {
        if (File is not { } file)
            return;
        var environment = SettingsReader.Environment();
        var flags = SettingFlags.Overrides(parsed);
        services.AddHostedService(s => new SiteReloader(file, environment, flags, s.GetRequiredService<SiteTable>().Replace,
            s.GetRequiredService<EdgeMetrics>(), TimeProvider.System, s.GetRequiredService<ILogger<SiteReloader>>()));
    }
}
