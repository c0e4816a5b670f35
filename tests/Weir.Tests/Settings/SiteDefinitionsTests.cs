using System.Text;
using Weir.Detection;
using Weir.Settings;

namespace Weir.Tests.Settings;

public class SiteDefinitionsTests
{
    private const string Good = """{ "id": "a", "hosts": ["a.example", "*.a.example"], "origins": "http://127.0.0.1:3000" }""";

    [Fact]
    public void A_site_file_holds_one_site_or_a_list()
    {
        Assert.Equal(["a"], Ids(Good));
        Assert.Equal(["a", "b"], Ids($$"""[{{Good}}, { "id": "b", "hosts": "b.example", "origins": "http://127.0.0.1:3000" }]"""));
        Assert.Empty(Ids("[]"));
    }

    [Fact]
    public void A_site_knows_where_its_id_and_each_of_its_hosts_stand()
    {
        var site = Assert.Single(Read(Good, new SettingErrors()));

        Assert.Equal("a.json:1:9", site.At);
        Assert.Equal(["a.json:1:24", "a.json:1:37"], site.HostsAt);
        Assert.Equal(["a.example", "*.a.example"], site.Site.Hosts);
    }

    [Theory]
    [InlineData("{ \"id\": \"a\"", "a.json:1:12 The file ends too early.")]
    [InlineData("7", "a.json:1:1 This is no site. Write an object")]
    [InlineData("[7]", "a.json:1:2 [0]: This is no site.")]
    [InlineData("{\n \"id\": \"a\", \"host\": \"a.example\", \"origins\": \"http://127.0.0.1:3000\" }", "a.json:2:13 host: There is no setting 'host' here. Did you mean 'hosts'?")]
    [InlineData("{ \"id\": \"a\", \"hosts\": \"a.example\" }", "a.json:1:1 origins: A site has no origin.")]
    [InlineData("""[{ "id": "a", "hosts": "a.example", "origins": "http://o.example" }, { "id": "a", "hosts": "A.example", "origins": "http://o.example" }]""",
        "a.json:1:78 [1].id: The id 'a' is taken by the site at a.json:1:10.")]
    public void What_is_wrong_is_named_with_its_place_and_mend(string json, string error)
    {
        var errors = new SettingErrors();

        Read(json, errors);

        Assert.Contains(errors.All, e => e.ToString().StartsWith(error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_site_of_the_control_store_is_named_by_its_id_and_must_call_itself_so()
    {
        var errors = new SettingErrors();

        Assert.Equal("a", SiteDefinitions.ReadStored(SiteId.Parse("a"), Good, SiteSurroundings.Unknown, errors)?.Site.Id.Value);
        Assert.Empty(errors.All);
        SiteDefinitions.ReadStored(SiteId.Parse("b"), Good, SiteSurroundings.Unknown, errors);
        Assert.Equal(["control store: site b:1:9 id: The site is stored as 'b' and calls itself 'a'. Write \"id\": \"b\"."], errors.All.Select(e => e.ToString()));
    }

    [Fact]
    public void A_stored_text_beyond_the_bound_is_refused_unread()
    {
        var errors = new SettingErrors();

        Assert.Null(SiteDefinitions.ReadStored(SiteId.Parse("a"), new string(' ', SiteDefinitions.BytesMax) + Good, SiteSurroundings.Unknown, errors));
        Assert.Single(errors.All);
    }

    [Fact]
    public void Ten_thousand_sites_in_one_line_are_read_with_the_place_of_each()
    {
        string json = "[" + string.Join(',', Enumerable.Range(0, 10_000).Select(i => $$"""{"id":"é{{i}}"}""")) + "]";
        var errors = new SettingErrors();

        Read(json, errors);

        // Columns count characters: é is one, though two bytes.
        Assert.StartsWith($"a.json:1:{json.Length - 8} [9999].id: 'é9999' is not a site id.", errors.All[^3].ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Ids(string json)
    {
        var errors = new SettingErrors();
        var read = Read(json, errors);
        Assert.Empty(errors.All);
        return read.Select(s => s.Site.Id.Value);
    }

    private static IReadOnlyList<PlacedSite> Read(string json, SettingErrors errors) =>
        SiteDefinitions.ReadFile(Encoding.UTF8.GetBytes(json), "a.json", SiteSurroundings.Unknown, errors);
}
