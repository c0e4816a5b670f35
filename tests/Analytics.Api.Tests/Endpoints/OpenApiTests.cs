using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class OpenApiTests(AnalyticsFixture api)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>The document is promised to programs, and the dashboard's types are made from the committed copy.</summary>
    [Fact]
    public async Task Served_document_equals_the_committed_one()
    {
        using var nobody = api.Client(null);
        string served = JsonNode.Parse(await nobody.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.ToJsonString(Readable) + "\n";
        string committed = Path.Combine(Repository.Dashboard, "openapi.json");

        if (Environment.GetEnvironmentVariable("WEIR_UPDATE_SNAPSHOTS") == "1")
            await File.WriteAllTextAsync(committed, served);

        Assert.True(File.ReadAllText(committed) == served,
            "The API has changed. If that is meant: WEIR_UPDATE_SNAPSHOTS=1 ./test Analytics.Api, then npm run types in Analytics.Api/dashboard, " +
            "and commit both files with clients/csharp. Removing or renaming something breaks programs of users: say so in CHANGELOG.md.");
    }
}
