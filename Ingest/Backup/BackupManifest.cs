using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.Ingest.Schema;

namespace Weir.Ingest.Backup;

/// <summary>What a backup holds: written last, so that a folder without it is no backup.</summary>
public sealed partial record BackupManifest
{
    /// <summary>Its name in the backup's folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The form of backups that this program writes, and the newest that it reads.</summary>
    public const int CurrentForm = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true };

    /// <summary>Form of the backup.</summary>
    public required int Form { get; init; }

    /// <summary>When it began: every hit that was acknowledged before is in it.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>Schema of the store that it was made of.</summary>
    public required int Schema { get; init; }

    /// <summary>Where the control store was: <c>sqlite</c>, and then it is in the backup, or <c>postgres</c>, and then it is not.</summary>
    public required string Control { get; init; }

    /// <summary>Tables of the store.</summary>
    public required IReadOnlyList<BackedUpTable> Tables { get; init; }

    /// <summary>Every other file.</summary>
    public required IReadOnlyList<BackedUpFile> Files { get; init; }

    /// <summary>Reads and checks the manifest and every file of a backup, before anything is made of it.</summary>
    /// <param name="folder">The backup.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="BackupException">It is no backup, is one of a later Weir, or a file of it is missing or damaged; the message names it.</exception>
    public static async Task<BackupManifest> ReadAsync(string folder, CancellationToken stop = default)
    {
        string path = Path.Combine(folder, FileName);
        BackupManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(await File.ReadAllBytesAsync(path, stop), Json)
                ?? throw new BackupException($"{path} is damaged. Use another backup.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BackupException($"{folder} is no backup: it has no {FileName}, which is written last. Name the folder of a backup that ended well.", e);
        }
        catch (JsonException e)
        {
            throw new BackupException($"{path} is damaged: {e.Message} Use another backup.", e);
        }
        if (manifest.Form > CurrentForm || manifest.Schema > SchemaMigrator.LatestVersion)
            throw new BackupException($"{folder} was made by a later Weir (form {manifest.Form}, schema {manifest.Schema}). Restore it with that version.");
        foreach (var table in manifest.Tables)
        {
            if (!Name().IsMatch(table.Name) || table.Columns.Count == 0 || !table.Columns.All(c => Name().IsMatch(c)))
                throw new BackupException($"{path} is damaged: a table or column has a name that none has. Use another backup.");
        }
        foreach (var file in manifest.Tables.SelectMany(t => t.Files).Concat(manifest.Files))
            await CheckAsync(folder, file, stop);
        return manifest;
    }

    /// <summary>Writes it into the backup's folder.</summary>
    public async Task WriteAsync(string folder, CancellationToken stop = default)
    {
        await using var file = new FileStream(Path.Combine(folder, FileName), PrivateFile.Making());
        await JsonSerializer.SerializeAsync(file, this, Json, stop);
        file.Flush(flushToDisk: true);
    }

    private static async Task CheckAsync(string folder, BackedUpFile file, CancellationToken stop)
    {
        if (!file.IsInside)
            throw new BackupException($"{Path.Combine(folder, FileName)} is damaged: it names a file outside of the backup. Use another backup.");
        string path = Path.Combine(folder, file.Path);
        if (!File.Exists(path))
            throw new BackupException($"The backup is not whole: {path} is missing. Use another backup; nothing was restored.");
        var found = await BackedUpFile.OfAsync(folder, file.Path, stop);
        if (found.Bytes != file.Bytes || found.Sha256 != file.Sha256)
            throw new BackupException($"The backup is damaged: {path} is not what was written ({found.Bytes} bytes, and {file.Bytes} were written; SHA-256 differs). Use another backup; nothing was restored.");
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,127}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}

/// <summary>One table in a backup.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns in the order of its files.</param>
/// <param name="RowsAtLeast">Rows that it had when it began to be read.</param>
/// <param name="Files">Its rows in ClickHouse's Native format, packed with zstd.</param>
public sealed record BackedUpTable(string Name, IReadOnlyList<string> Columns, long RowsAtLeast, IReadOnlyList<BackedUpFile> Files);
