using Weir.Settings;
using Weir.Sites;
using Weir.TestKit;

namespace Weir.Tests.Sites;

public sealed class SiteFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly SiteFolder _folder;

    public SiteFolderTests() => _folder = new SiteFolder(_temporary.Path, SiteSurroundings.Unknown);

    [Fact]
    public void Every_json_file_is_read_at_first_and_other_files_are_passed_over()
    {
        Write("a.json", SiteNamed("a"));
        Write("list.json", $"[{SiteNamed("b")}, {SiteNamed("c")}]");
        Write(".hidden.json", SiteNamed("d"));
        Write("e.json~", SiteNamed("e"));
        Directory.CreateDirectory(_temporary["f.json"]);

        Assert.Equal(["a", "b", "c"], _folder.Look(isFirst: true).SelectMany(r => r.Sites!).Select(s => s.Site.Id.Value).Order());
        Assert.Empty(_folder.Look());
    }

    [Fact]
    public void A_change_counts_once_it_has_settled_and_only_changed_files_are_read()
    {
        Write("a.json", SiteNamed("a"));
        Write("b.json", SiteNamed("b"));
        _folder.Look(isFirst: true);

        Write("a.json", SiteNamed("a-longer"));
        Assert.Empty(_folder.Look());

        Assert.Equal("a-longer", Assert.Single(Assert.Single(_folder.Look()).Sites!).Site.Id.Value);
        Assert.Empty(_folder.Look());
    }

    [Fact]
    public void A_wrong_file_is_told_once_with_its_place()
    {
        Write("a.json", "{\n  \"id\": 7\n}");

        var reading = Assert.Single(_folder.Look(isFirst: true));

        Assert.Contains(reading.Errors, e => e.At == $"{Path.GetFileName(_temporary.Path)}/a.json:2:9" && e.Path == "id");
        Assert.Empty(_folder.Look());
    }

    [Fact]
    public void A_removed_file_is_gone_at_the_second_look_that_misses_it()
    {
        Write("a.json", SiteNamed("a"));
        Write("b.json", SiteNamed("b"));
        _folder.Look(isFirst: true);

        File.Delete(_temporary["a.json"]);

        Assert.Empty(_folder.Look());
        Assert.Equal(PlaceReading.Gone(new SitePlace(SiteSource.Folder, "a.json")), Assert.Single(_folder.Look()) with { Errors = PlaceReading.Gone(default).Errors });
    }

    [Fact]
    public void Files_that_an_earlier_run_knew_and_that_are_not_there_are_gone_at_once()
    {
        Write("a.json", SiteNamed("a"));
        _folder.Expect([new SitePlace(SiteSource.Folder, "a.json"), new SitePlace(SiteSource.Folder, "b.json")]);

        Assert.Equal([("a.json", false), ("b.json", true)], _folder.Look(isFirst: true).Select(r => (r.Place.Name, r.Sites is null)).Order());
    }

    [Fact]
    public void A_folder_that_goes_away_or_is_suddenly_empty_changes_nothing_and_says_why()
    {
        Write("a.json", SiteNamed("a"));
        Write("b.json", SiteNamed("b"));
        _folder.Look(isFirst: true);

        File.Delete(_temporary["a.json"]);
        File.Delete(_temporary["b.json"]);
        Assert.Empty(_folder.Look());
        Assert.Empty(_folder.Look());
        Assert.Contains("holds no site file any more", _folder.Trouble, StringComparison.Ordinal);

        Directory.Delete(_temporary.Path);
        Assert.Empty(_folder.Look());
        Assert.NotNull(_folder.Trouble);

        Directory.CreateDirectory(_temporary.Path);
        Write("c.json", "[]");
        _folder.Look();
        Assert.Equal(3, _folder.Look().Count + _folder.Look().Count);
        Assert.Null(_folder.Trouble);
    }

    [Fact]
    public void A_link_is_followed_and_its_new_end_is_a_change()
    {
        using var elsewhere = new TemporaryFolder();
        File.WriteAllText(elsewhere["1"], SiteNamed("a"));
        File.WriteAllText(elsewhere["2"], SiteNamed("b"));
        File.CreateSymbolicLink(_temporary["a.json"], elsewhere["1"]);
        _folder.Look(isFirst: true);

        File.Delete(_temporary["a.json"]);
        File.CreateSymbolicLink(_temporary["a.json"], elsewhere["2"]);
        _folder.Look();

        Assert.Equal("b", Assert.Single(Assert.Single(_folder.Look()).Sites!).Site.Id.Value);
    }

    [Fact]
    public void A_link_to_itself_and_a_huge_file_are_errors_of_that_file_alone()
    {
        File.CreateSymbolicLink(_temporary["loop.json"], _temporary["loop.json"]);
        using (var huge = File.Create(_temporary["huge.json"]))
            huge.SetLength(SiteFolder.FileBytesMax + 1);
        Write("good.json", SiteNamed("good"));

        Assert.Equal([("good.json", 0), ("huge.json", 1), ("loop.json", 1)], _folder.Look(isFirst: true).Select(r => (r.Place.Name, r.Errors.Count)).Order());
    }

    public void Dispose()
    {
        if (!Directory.Exists(_temporary.Path))
            Directory.CreateDirectory(_temporary.Path);
        _temporary.Dispose();
    }

    private void Write(string name, string json) => File.WriteAllText(_temporary[name], json);

    private static string SiteNamed(string id) => $$"""{ "id": "{{id}}", "hosts": "{{id}}.example", "origins": "http://127.0.0.1:3000" }""";
}
