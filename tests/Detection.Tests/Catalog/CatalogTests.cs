using System.Text.Json;
using Json.Schema;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;

namespace Weir.Tests.Catalog;

public class CatalogTests
{
    private static readonly string[] Good =
        ["""{"version":"1","rangeLists":[],"crawlers":[{"id":"a","name":"A","operator":"O","purpose":"search","purposeConfidence":"curated","tokens":["ABot"]}]}"""];

    [Fact]
    public void The_shipped_catalog_passes_its_own_examples()
    {
        var check = CatalogCheck.Run(Requests.Catalog);

        Assert.Empty(check.Failures);
        Assert.True(check.Examples > 4000);
    }

    [Fact]
    public void The_shipped_catalog_is_whole()
    {
        var crawlers = Requests.Catalog.Crawlers;

        Assert.Equal(1329, crawlers.Count);
        Assert.Equal(1490, crawlers.Sum(c => c.Tokens.Count));
        Assert.Equal(173, crawlers.Count(c => c.Purpose is Purpose.AiTraining or Purpose.AiSearch or Purpose.AiUser or Purpose.AiAgent));
        Assert.All(crawlers, c => Assert.Same(c, Requests.Catalog.Find(c.Id)));
        Assert.Null(Requests.Catalog.Find("nobody"));
    }

    [Fact]
    public void Every_ai_crawler_and_every_one_with_ranges_has_examples_of_both_kinds()
    {
        var poor = from entry in Requests.Catalog.File.Crawlers
                   where entry.Purpose.StartsWith("ai-", StringComparison.Ordinal) || entry.Ranges is not null
                   where (entry.Matches?.Length ?? 0) < 2 || entry.MustNotMatch is null or []
                   select entry.Id;

        Assert.Empty(poor);
    }

    [Fact]
    public void Only_published_lists_of_crawlers_can_call_anybody_spoofed()
    {
        Assert.All(Requests.Catalog.RangeLists.Where(l => l.Source.IsComplete), l =>
        {
            Assert.Equal(RangeConfidence.Published, l.Source.Confidence);
            Assert.Equal(RangeScope.Crawler, l.Source.Scope);
        });
        Assert.Contains(Requests.Catalog.RangeLists, l => !l.Source.IsComplete);
    }

    [Fact]
    public void The_shipped_catalog_meets_its_schema()
    {
        var schema = JsonSchema.FromText(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "crawlers.schema.json")));
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(CrawlerCatalog.DefaultFolder, "crawlers.json")));

        var result = schema.Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });

        Assert.True(result.IsValid, string.Join("\n", (result.Details ?? []).Where(d => !d.IsValid && d.Errors is not null).Take(5)
            .Select(d => $"{d.InstanceLocation}: {string.Join(", ", d.Errors!.Values)}")));
    }

    [Theory]
    [InlineData("\"purpose\":\"search\"", "\"purpose\":\"finding\"", "crawlers.json:1 $.crawlers[0].purpose: 'finding' is no purpose. Write one of ai-training,")]
    [InlineData("\"tokens\":[\"ABot\"]", "\"tokens\":[]", "$.crawlers[0].tokens: the crawler has no token.")]
    [InlineData("\"purpose\":\"search\"", "\"purpose\":\"search\",\"signatureAgent\":\"https://A.example/\"", "$.crawlers[0].signatureAgent: 'https://A.example/' is no signature agent. Write an https origin")]
    [InlineData("\"tokens\":[\"ABot\"]", "\"tokens\":[\"ABot\",\"abot\"]", "'abot' belongs to 'a' already.")]
    [InlineData("\"tokens\":[\"ABot\"]", "\"tokens\":[\"ABöt\"]", "is no token.")]
    [InlineData("\"tokens\":[\"ABot\"]", "\"tokens\":[\"ABot\"],\"ranges\":[\"x.json\"]", "'x.json' is not in rangeLists.")]
    [InlineData("\"tokens\":[\"ABot\"]", "\"tokens\":[\"ABot\"],\"tokenz\":1", "$.crawlers[0]")]
    [InlineData("\"rangeLists\":[]", "\"rangeLists\":[{\"file\":\"gone.json\",\"operator\":\"O\",\"retrievedAt\":\"2026-01-01\",\"origin\":\"o\",\"confidence\":\"published\",\"scope\":\"crawler\",\"complete\":true}]", "$.rangeLists[0]: ip-ranges/gone.json cannot be read.")]
    [InlineData("\"rangeLists\":[]", "\"rangeLists\":[{\"file\":\"../x\",\"operator\":\"O\",\"retrievedAt\":\"2026-01-01\",\"origin\":\"o\",\"confidence\":\"published\",\"scope\":\"crawler\",\"complete\":true}]", "is no file name.")]
    [InlineData("\"rangeLists\":[]", "\"rangeLists\":[{\"file\":\"x\",\"operator\":\"O\",\"retrievedAt\":\"2026-01-01\",\"origin\":\"o\",\"confidence\":\"reported\",\"scope\":\"crawler\",\"complete\":true}]", "Set complete to false")]
    [InlineData("]}", "]", "crawlers.json:1")]
    public void A_wrong_catalog_is_refused_with_place_and_mend(string right, string wrong, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("weir-catalog-").FullName;
        try
        {
            int at = Good[0].LastIndexOf(right, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder, "crawlers.json"), Good[0][..at] + wrong + Good[0][(at + right.Length)..]);

            var error = Assert.Throws<CatalogException>(() => CrawlerCatalog.Load(folder));

            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_missing_catalog_says_what_to_do()
    {
        var error = Assert.Throws<CatalogException>(() => CrawlerCatalog.Load(Path.Combine(Path.GetTempPath(), "weir-no-such-folder")));

        Assert.Contains("crawlers.json and ip-ranges/", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_swapped_catalog_judges_the_next_request()
    {
        string folder = Directory.CreateTempSubdirectory("weir-catalog-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "crawlers.json"), Good[0]);
            var detector = new Detector(Requests.Catalog);
            var facts = new RequestFacts { TimeMs = 0, UserAgent = "ABot/1.0" };
            Assert.Null(detector.Classify(facts).Crawler);

            detector.Swap(CrawlerCatalog.Load(folder));

            Assert.Equal("a", detector.Classify(facts).Crawler?.Id);
            Assert.Equal("1", detector.Catalog.Version);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
