using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Control;
using Weir.Hosting;
using Weir.Ingest.Backup;
using Weir.Ingest.ClickHouse;
using Weir.Settings;

namespace Weir.Commands;

/// <summary><c>weir store restore</c>: makes a data folder of a backup.</summary>
internal static class StoreRestoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("BACKUP") { Description = "Folder that weir store backup wrote." };
        var clickhouse = SettingFlags.ClickHouse("A ClickHouse server to fill instead", "; its database must be empty");
        var check = new Option<bool>("--check") { Description = "Read every file of the backup and say whether it is whole. Restores nothing." };
        var command = new Command("restore", "Makes a data folder, which must not be there yet, of a backup; every file of it is checked first.")
        {
            folder, check, SettingFlags.Config, SettingFlags.Data, clickhouse,
        };
        command.SetAction(async (parsed, stop) =>
        {
            var settings = SettingFlags.Read(parsed, clickhouse);
            string from = Path.GetFullPath(parsed.GetRequiredValue(folder));
            var output = parsed.InvocationConfiguration.Output;
            try
            {
                var manifest = await BackupManifest.ReadAsync(from, stop);
                output.WriteLine($"Backup of {manifest.BegunAt:yyyy-MM-dd HH:mm:ss} UTC: {manifest.Files.Count + manifest.Tables.Sum(t => t.Files.Count):N0} files, all as they were written.");
                if (!parsed.GetValue(check))
                    await RunAsync(settings, from, manifest, output, stop);
                return 0;
            }
            catch (Exception e) when (e is StoreException or BackupException)
            {
                throw new CommandException(e.Message, e);
            }
        });
        return command;
    }

    private static async Task RunAsync(WeirSettings settings, string from, BackupManifest manifest, TextWriter output, CancellationToken stop)
    {
        string data = Path.GetFullPath(settings.Data).TrimEnd(Path.DirectorySeparatorChar), draft = data + ".restoring";
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
            throw new BackupException($"The data folder {data} is there already and not empty. Name another with --data DIR, or move it away.");
        if (Directory.Exists(draft))
            throw new BackupException($"{draft} is left of a restore that did not end, or another is under way. When none is, remove it and run this again.");
        PrivateFile.EnsureFolder(draft);
        try
        {
            FolderBackup.Restore(from, manifest, draft);
            long hits;
            await using (var store = await Store.OpenAsync(settings.ClickHouse, draft, NullLoggerFactory.Instance, stop))
            {
                using var restore = new StoreRestore(store.Endpoint);
                hits = await restore.RunAsync(from, manifest, (table, rows) => output.WriteLine($"{table,-28}{rows,14:N0}"), stop);
            }
            if (Directory.Exists(data))
                Directory.Delete(data);
            Directory.Move(draft, data);
            output.WriteLine($"\nRestored {hits:N0} hits and the rest into {data}. Start it with weir up --data {data}.");
            if (manifest.Control == "postgres")
                output.WriteLine("Its control store was PostgreSQL: restore that with pg_restore, see docs/backup.md.");
        }
        catch
        {
            Directory.Delete(draft, recursive: true);
            throw;
        }
    }
}
