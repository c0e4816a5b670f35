using Weir.Analytics.Api.Tests.Support;
using Weir.TestKit;

namespace Weir.Analytics.Api.Tests.Endpoints;

/// <summary>The TypeScript client is made from the document that the API serves, compiles with every check on, and works against it.</summary>
[Collection(AnalyticsCollection.Name)]
public class TypeScriptClientTests(AnalyticsFixture api)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_client_is_built_and_asks_as_a_user_would()
    {
        string site = await api.NewSiteAsync(), source = RepositoryRoot.Of("clients", "typescript");
        await api.StoreAsync(Enumerable.Range(0, 5).Select(i => new TestHit(site, Noon) { Path = $"/p{i}" }.GptBot(i == 0 ? "spoofed" : "verified")));
        string folder = Directory.CreateTempSubdirectory("weir-client-").FullName;
        try
        {
            foreach (string file in (string[])["package.json", "tsconfig.json", "build.mjs", "src/index.ts", "test/check.ts"])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
                File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
            }
            Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), Path.Combine(await NodePackages.InstallAsync(source), "node_modules"));
            await File.WriteAllTextAsync(Path.Combine(folder, "openapi.json"), await api.Api.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));

            var (built, errors) = await NodePackages.RunAsync("node", ["build.mjs", "openapi.json"], folder);
            Assert.True(built == 0, errors);
            var (code, output) = await NodePackages.RunAsync("node", ["dist/test/check.js", api.Url.ToString().TrimEnd('/'), site], folder, "", ("WEIR_KEY", api.AdminKey));

            Assert.True(code == 0, output);
            Assert.Equal(["hits 5", "pages /p1 /p2 /p3 /p4 /p0", "spoof rate 0.2", "refused 400 from"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
