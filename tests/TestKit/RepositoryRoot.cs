namespace Weir.TestKit;

/// <summary>Where this repository stands on disk.</summary>
public static class RepositoryRoot
{
    /// <summary>Full path of the folder that holds <c>Weir.slnx</c>.</summary>
    public static string Path { get; } = Find();

    /// <summary>Full path of a file or folder below it.</summary>
    public static string Of(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Weir.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"No Weir.slnx above {AppContext.BaseDirectory}: run the tests inside the repository.");
    }
}
