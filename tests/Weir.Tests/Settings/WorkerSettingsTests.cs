using Weir.TestKit;

namespace Weir.Tests.Settings;

/// <summary>Which engines a worker asks.</summary>
public class WorkerSettingsTests
{
    [Fact]
    public void Engines_brands_and_keys_of_files_are_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["key"], "s3cret\n");
        var worker = SettingsText.Read($$"""
            { "worker": { "api": "https://weir.example.com", "keyFile": "{{folder["key"]}}", "leaseSeconds": 30,
              "engines": [{ "engine": "chatgpt", "url": "https://api.example.com/v1", "model": "m", "keyFile": "{{folder["key"]}}", "concurrencyMax": 4 }],
              "brands": [{ "brand": "Acme", "names": ["Acme Inc"], "hosts": "acme.example" }] } }
            """).Worker;
        Assert.Equal((new Uri("https://weir.example.com"), "s3cret", TimeSpan.FromSeconds(30)), (worker.Api, worker.Key, worker.Lease));
        var engine = Assert.Single(worker.Engines);
        Assert.Equal(("chatgpt", "m", "s3cret", 4, 4), (engine.Engine, engine.Model, engine.Key, engine.ConcurrencyMax, engine.ConcurrencyStart));
        Assert.DoesNotContain("s3cret", engine.ToString(), StringComparison.Ordinal);
        Assert.Equal(["acme.example"], Assert.Single(worker.Brands).Hosts);
    }

    [Theory]
    [InlineData("""{ "api": "weir.example.com" }""", "worker.api")]
    [InlineData("""{ "api": "https://u:p4ss@weir.example.com" }""", "worker.api")]
    [InlineData("""{ "engines": [{ "url": "https://a.example" }] }""", "worker.engines[0].engine")]
    [InlineData("""{ "engines": [{ "engine": "chatgpt" }] }""", "worker.engines[0].url")]
    [InlineData("""{ "engines": [{ "engine": "chatgpt", "url": "file:///etc/passwd" }] }""", "worker.engines[0].url")]
    [InlineData("""{ "engines": [{ "engine": "a", "url": "https://a.example" }, { "engine": "a", "url": "https://b.example" }] }""", "worker.engines")]
    [InlineData("""{ "leaseSeconds": 1 }""", "worker.leaseSeconds")]
    [InlineData("""{ "brands": [{ "names": "x" }] }""", "worker.brands[0].brand")]
    [InlineData("""{ "keyFile": "/nowhere/at/all" }""", "worker.keyFile")]
    public void What_is_wrong_is_said_where_it_stands(string worker, string path)
    {
        string error = Assert.Single(SettingsText.Errors($$"""{ "worker": {{worker}} }"""));
        Assert.Contains($"{path}:", error, StringComparison.Ordinal);
        Assert.DoesNotContain("p4ss", error, StringComparison.Ordinal);
    }
}
