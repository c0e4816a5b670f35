using Weir.Hosting;

namespace Weir.Tests.Hosting;

public sealed class EdgeSecretTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-secret-");

    [Fact]
    public void It_is_made_once_for_its_owner_alone_and_kept()
    {
        var first = EdgeSecret.Of(_folder.FullName);

        Assert.Equal(32, first.Length);
        Assert.Equal(first.ToArray(), EdgeSecret.Of(_folder.FullName).ToArray());
        var file = Assert.Single(_folder.GetFiles());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
    }

    [Fact]
    public void A_file_that_is_no_key_is_told_with_its_mend()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "edge.key"), "short\n");

        var e = Assert.Throws<CommandException>(() => EdgeSecret.Of(_folder.FullName));

        Assert.Contains("Remove it, and a new one is made", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
