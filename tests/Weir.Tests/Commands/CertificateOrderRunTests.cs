using System.Net;
using Weir.Commands;
using Weir.Hosting;
using Weir.Proxy.Certificates.Orders;
using Weir.Tests.Sites;

namespace Weir.Tests.Commands;

/// <summary>Which sites are ordered for. Their hosts are wildcards, which are told apart without DNS.</summary>
public sealed class CertificateOrderRunTests : IAsyncLifetime
{
    private readonly SiteRun _run = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _run.DisposeAsync();

    [Fact]
    public async Task Sites_of_the_settings_of_their_folder_and_those_that_a_running_weir_keeps_are_all_seen()
    {
        Write($$"""{{Site("first")}}""");
        File.WriteAllText(Path.Combine(_run.Folder, "second.json"), Site("second"));
        using (var running = _run.Open())
        {
            await using var control = await _run.OpenControlAsync();
            var definitions = new Control.Sql.SqlSiteDefinitions(control, TimeProvider.System);
            await definitions.PutAsync(Detection.SiteId.Parse("third"), Control.Tenant.Default, Site("third"), null, new Control.Actor(Control.ActorKind.Account, "test"));
            await running.FollowAsync(definitions, _run.Read(), _run.Log, TestContext.Current.CancellationToken);
            _run.Keep(running);
        }
        // Changed since, while the kept file was not written again.
        File.WriteAllText(Path.Combine(_run.Folder, "fourth.json"), Site("fourth"));
        File.Delete(Path.Combine(_run.Folder, "second.json"));

        string told = await OrderAsync();

        Assert.Equal(["*.first.example", "*.fourth.example", "*.third.example"], HostsIn(told));
    }

    [Fact]
    public async Task Without_anything_kept_the_settings_and_the_folder_are_ordered_for()
    {
        Write(Site("first"));
        File.WriteAllText(Path.Combine(_run.Folder, "second.json"), Site("second"));

        Assert.Equal(["*.first.example", "*.second.example"], HostsIn(await OrderAsync()));
    }

    private static string Site(string id) => $$"""{ "id": "{{id}}", "hosts": "*.{{id}}.example", "origins": "http://127.0.0.1:3000" }""";

    private static List<string> HostsIn(string told) =>
        [.. told.Split('\n').Where(l => l.StartsWith("skip", StringComparison.Ordinal)).Select(l => l[9..l.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal)];

    private void Write(string sites) => _run.Settings(
        $$"""{ "data": "data", "sitesFolder": "sites.d", "certificates": { "folder": "live", "challengeFolder": "acme" }, "sites": [{{sites}}] }""");

    private async Task<string> OrderAsync()
    {
        using var output = new StringWriter();
        var run = new CertificateOrderRun(new OrderOptions { Expected = [IPAddress.Loopback] }, isDryRun: true,
            settings => AcmeProgram.Certbot(settings.Certificates.Folder!, null, null, TimeProvider.System), TimeProvider.System, output);
        Assert.True(await run.OnceAsync(_run.Read(), new SettingsSource(_run.File, [], []), TestContext.Current.CancellationToken));
        return output.ToString();
    }
}
