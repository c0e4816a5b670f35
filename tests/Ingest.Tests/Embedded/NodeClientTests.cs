using Weir.TestKit;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>A client that is not ours and not .NET: npm @clickhouse/client, run by node.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class NodeClientTests(EmbeddedFixture fixture)
{
    [Fact]
    public async Task The_javascript_client_works_in_every_way_it_has()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Embedded", "node");
        (int code, string output) = await NodePackages.RunAsync("node", ["check.mjs", fixture.Server.Endpoint.Url.ToString(), await NodePackages.InstallAsync(script)], script, "",
            ("CLICKHOUSE_TOKEN", fixture.Server.Endpoint.Password));
        Assert.True(code == 0, output);
        Assert.Equal(12, output.Split('\n').Count(l => l.StartsWith("ok ", StringComparison.Ordinal)));
    }
}
