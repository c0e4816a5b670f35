using Weir.Settings;
using Weir.Sites;

namespace Weir.Tests.Sites;

public sealed class LastGoodSitesTests : IAsyncLifetime
{
    private readonly SiteRun _run = new();

    private string Kept => Path.Combine(_run.Data, LastGoodSites.FileName);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _run.DisposeAsync();

    [Fact]
    public void A_start_without_the_folder_serves_what_was_kept_and_says_how_old_it_is()
    {
        StartOnce("a", "b");
        Directory.Delete(_run.Folder, recursive: true);

        var sites = _run.Open();

        Assert.Equal(["a", "b"], sites.InForce.Sites.Select(s => s.Id.Value).Order());
        Assert.Contains(_run.Log.Lines, l => l.Id == 4047 && l.Text.Contains("2 sites of folder", StringComparison.Ordinal) && l.Text.Contains("seconds ago", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_wrong_at_the_start_is_served_as_it_was_and_the_others_as_they_are()
    {
        StartOnce("a", "b");
        File.WriteAllText(Path.Combine(_run.Folder, "a.json"), "{");
        File.Delete(Path.Combine(_run.Folder, "b.json"));
        _run.Site("c", _run.Old);

        Assert.Equal(["a", "c"], _run.Open().InForce.Sites.Select(s => s.Id.Value).Order());
    }

    [Fact]
    public void Who_was_in_force_before_the_restart_keeps_a_host_that_a_new_file_claims()
    {
        StartOnce("z");
        File.WriteAllText(Path.Combine(_run.Folder, "a.json"), """{ "id": "a", "hosts": "z.example", "origins": "http://127.0.0.1:3000" }""");

        Assert.Equal(["z"], _run.Open().InForce.Sites.Select(s => s.Id.Value));
    }

    [Fact]
    public void Wrong_sites_in_the_settings_are_served_as_they_were_and_refuse_a_first_start()
    {
        _run.Settings("""{ "sites": [{ "id": "a" }] }""");
        Assert.Contains("weir.json:1:13 sites[0].hosts: A site has no hosts.", Assert.Throws<CommandException>(() => _run.Open()).Message, StringComparison.Ordinal);

        _run.Settings($$"""{ "sites": [{{SiteRun.Json("a", _run.Old)}}] }""");
        _run.Keep(_run.Open());
        _run.Settings("""{ "sites": [{ "id": "a" }] }""");

        Assert.Equal(["a"], _run.Open().InForce.Sites.Select(s => s.Id.Value));
        Assert.Contains(_run.Log.Lines, l => l.Id == 4047 && l.Text.Contains("weir.json:1:13", StringComparison.Ordinal));
    }

    [Fact]
    public void A_first_start_without_the_folder_is_refused()
    {
        Directory.Delete(_run.Folder);

        Assert.Contains("cannot be read", Assert.Throws<CommandException>(() => _run.Open()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.9)]
    public void A_file_that_was_cut_is_told_and_not_believed(double share)
    {
        StartOnce("a", "b");
        byte[] whole = File.ReadAllBytes(Kept);
        File.WriteAllBytes(Kept, whole[..(int)(whole.Length * share)]);

        Assert.Null(LastGoodSites.Read(_run.Data, SiteSurroundings.Unknown, out string? trouble));
        Assert.NotNull(trouble);
    }

    [Fact]
    public void A_file_that_was_changed_is_told_and_not_believed()
    {
        StartOnce("a");
        File.WriteAllText(Kept, File.ReadAllText(Kept).Replace("127.0.0.1:3000", "127.0.0.1:6666", StringComparison.Ordinal));

        Assert.Null(LastGoodSites.Read(_run.Data, SiteSurroundings.Unknown, out string? trouble));
        Assert.Equal("Its checksum is wrong.", trouble);
    }

    [Fact]
    public void What_is_kept_is_its_owners_alone()
    {
        StartOnce("a");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Kept));
    }

    [Fact]
    public void The_status_lists_what_is_not_in_force()
    {
        File.WriteAllText(Path.Combine(_run.Folder, "bad.json"), "{");
        StartOnce("a");

        var status = SiteStatus.Read(_run.Data)!;

        Assert.Equal((1, 3, 1), (status.Sites, status.Hosts, status.RefusedCount));
        Assert.Contains("sites.d/bad.json:1:2", Assert.Single(status.Refused), StringComparison.Ordinal);
    }

    private void StartOnce(params string[] ids)
    {
        foreach (string id in ids)
            _run.Site(id, _run.Old);
        _run.Keep(_run.Open());
    }
}
