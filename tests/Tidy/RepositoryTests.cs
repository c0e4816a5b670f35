using System.Text.RegularExpressions;
using Weir.TestKit;

namespace Weir.Tidy;

/// <summary>What must hold for the repository as a whole.</summary>
public partial class RepositoryTests
{
    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".md", ".json", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".sql", ".yml", ".sh", ""];

    private static IEnumerable<string> TextFiles =>
        Repository.Files.Where(f => TextExtensions.Contains(Path.GetExtension(f)) && !f.StartsWith("tests/data/", StringComparison.Ordinal));

    [Fact]
    public void No_file_names_a_machine_path_or_a_package_feed()
    {
        // Split so that this file does not name what it looks for.
        string[] banned = ["/wor" + "k/", "registry.np" + "mjs", "api.nu" + "get.org", "deb.de" + "bian.org"];

        var found = from file in TextFiles
                    let text = Repository.Read(file)
                    from word in banned
                    where text.Contains(word, StringComparison.OrdinalIgnoreCase)
                    select $"{file}: {word}";

        Assert.Empty(found);
    }

    [Fact]
    public void Lock_files_name_no_host()
    {
        var locks = Repository.Files.Where(f => f.EndsWith("package-lock.json", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(locks);
        Assert.DoesNotContain(locks, f => Repository.Read(f).Contains("\"resolved\": \"http", StringComparison.Ordinal));
    }

    [Fact]
    public void Links_in_documents_lead_to_files()
    {
        var documents = Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal)).ToList();

        var broken = from file in documents
                     from Match link in Link().Matches(Repository.Read(file))
                     let target = link.Groups["target"].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains(':', StringComparison.Ordinal)
                     let path = Path.GetFullPath(RepositoryRoot.Of(Path.GetDirectoryName(file)!, target))
                     where !File.Exists(path) && !Directory.Exists(path)
                     select $"{file}: {target}";

        Assert.Contains("README.md", documents);
        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("Ingest/Schema")]
    [InlineData("Control/Sqlite")]
    [InlineData("Scheduling/Sqlite")]
    public void Migrations_have_a_number_each(string folder)
    {
        // Gaps are no fault: branches that are worked on at the same time take numbers of their own.
        var numbers = NumbersIn(folder);
        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct(), numbers);
    }

    [Theory]
    [InlineData("Control")]
    [InlineData("Scheduling")]
    public void Both_dialects_have_the_same_migrations(string project)
    {
        if (NumbersIn($"{project}/Postgres") is { Count: > 0 } inPostgres)
            Assert.Equal(NumbersIn($"{project}/Sqlite"), inPostgres);
    }

    private static List<int> NumbersIn(string folder) =>
        [.. from file in Repository.Files
            where file.StartsWith(folder + "/", StringComparison.Ordinal) && file.EndsWith(".sql", StringComparison.Ordinal)
            let number = int.Parse(Path.GetFileName(file)[..4])
            orderby number
            select number];

    [Fact]
    public void Only_the_embedded_folder_names_the_library()
    {
        var users = Repository.Files
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && !f.StartsWith("tests/", StringComparison.Ordinal))
            .Where(f => !f.StartsWith("Ingest/Embedded/", StringComparison.Ordinal))
            .Where(f => Repository.Read(f).Contains("libchdb", StringComparison.OrdinalIgnoreCase));

        Assert.Empty(users);
    }

    [Fact]
    public void No_folder_has_a_name_that_says_nothing()
    {
        string[] banned = ["Common", "Helpers", "Utils", "Core", "Models", "Managers", "Interfaces"];

        Assert.Empty(Repository.Files.SelectMany(f => f.Split('/')[..^1]).Distinct().Intersect(banned));
    }

    [Fact]
    public void The_two_commands_can_be_run()
    {
        foreach (string file in (string[])["weir", "test", ".ci/run"])
            Assert.True(File.GetUnixFileMode(RepositoryRoot.Of(file)).HasFlag(UnixFileMode.UserExecute), $"{file} has no run bit");
        Assert.Contains("./test", Repository.Read(".ci/run"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"!?\[[^\]]*\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
