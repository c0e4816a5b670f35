using System.CommandLine;
using Weir.Control;
using Weir.Hosting;
using Weir.Ingest.Backup;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Schema;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir store backup</c>: writes everything that an installation keeps into a folder, while it runs.</summary>
internal static class StoreBackupCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where to: a folder that is not there yet." };
        var clickhouse = SettingFlags.ClickHouse("A ClickHouse server to read instead");
        var command = new Command("backup", "Backs the installation up into a folder, while it runs: hits and all other tables, control store, keys, batches on disk.")
        {
            folder, SettingFlags.Config, SettingFlags.Data, clickhouse,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var settings = SettingFlags.Read(parsed, clickhouse);
            string to = Path.GetFullPath(parsed.GetRequiredValue(folder));
            var output = parsed.InvocationConfiguration.Output;
            try
            {
                var manifest = await RunAsync(settings, to, output, stop);
                output.WriteLine($"\nBackup of {manifest.BegunAt:yyyy-MM-dd HH:mm:ss} UTC in {to}. It holds keys and addresses: keep it as closely as the data folder.");
                if (settings.SharedControl is not null)
                    output.WriteLine("The control store is PostgreSQL and not in it: back that up with pg_dump, see docs/backup.md.");
                return 0;
            }
            catch (Exception e) when (e is StoreException or BackupException or ControlException)
            {
                throw new CommandException(e.Message, e);
            }
        });
        return command;
    }

    private static async Task<BackupManifest> RunAsync(WeirSettings settings, string to, TextWriter output, CancellationToken stop)
    {
        if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any())
            throw new BackupException($"{to} is there already and not empty. Name a folder that is not there yet.");
        if (IsWithin(to, settings.Data))
            throw new BackupException($"{to} lies in the data folder {settings.Data}, which it is to be a copy of. Name a folder elsewhere, on another disk if you can.");
        string draft = to + ".unfinished";
        if (Directory.Exists(draft))
            throw new BackupException($"{draft} is left of a backup that did not end, or another is under way. When none is, remove it and run this again.");
        PrivateFile.EnsureFolder(draft);
        try
        {
            var begunAt = TimeProvider.System.GetUtcNow();
            await using var store = await PolicyCommand.OpenAsync(settings, stop);
            var files = await FolderBackup.CopyAsync(settings.Data, draft, settings.SharedControl is null, stop);
            output.WriteLine($"{"files and control store",-28}{files.Count,14:N0}");
            using var reading = new StoreBackup(store.Endpoint);
            var tables = await reading.RunAsync(draft, (table, rows) => output.WriteLine($"{table,-28}{rows,14:N0}"), stop);
            var manifest = new BackupManifest
            {
                Form = BackupManifest.CurrentForm,
                BegunAt = begunAt,
                Schema = SchemaMigrator.LatestVersion,
                Control = settings.SharedControl is null ? "sqlite" : "postgres",
                Tables = tables,
                Files = files,
            };
            await manifest.WriteAsync(draft, stop);
            if (Directory.Exists(to))
                Directory.Delete(to);
            Directory.Move(draft, to);
            return manifest;
        }
        catch
        {
            Directory.Delete(draft, recursive: true);
            throw;
        }
    }

    private static bool IsWithin(string path, string folder)
    {
        string relative = Path.GetRelativePath(Path.GetFullPath(folder), path);
        return relative == "." || (!relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative));
    }
}
