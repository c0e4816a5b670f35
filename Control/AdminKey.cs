namespace Weir.Control;

/// <summary>The first key of an installation, kept in <c>admin.key</c> in the data folder (mode 0600) so that its owner can find it again.</summary>
public static class AdminKey
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "admin.key";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Finds the key of an earlier start, or makes one with scope <see cref="Scopes.Admin"/> for <see cref="Tenant.Default"/>.</summary>
    /// <param name="folder">Data folder.</param>
    /// <param name="keys">Where keys are kept.</param>
    /// <param name="time">Clock for waiting.</param>
    /// <param name="stop">Ends the wait for another program that does the same.</param>
    /// <returns>The key's text, and whether it was made now: then show it. A file whose key is revoked, or of another store, gives a new one.</returns>
    public static async Task<(string Key, bool IsNew)> EnsureAsync(
        string folder, IApiKeys keys, TimeProvider time, CancellationToken stop = default)
    {
        string path = Path.Combine(folder, FileName);
        PrivateFile.EnsureFolder(folder);
        await using (await FileLock.TakeAsync($"{path}.lock", Patience, time, stop))
        {
            if (File.Exists(path))
            {
                PrivateFile.Ensure(path);
                string known = (await File.ReadAllTextAsync(path, stop)).Trim();
                if (await keys.FindAsync(known, stop) is not null)
                    return (known, false);
            }
            var made = await keys.CreateAsync(new NewApiKey([Scopes.Admin], Name: "admin"), stop);
            await PrivateFile.WriteAtomicallyAsync(path, made.Text + "\n", stop);
            return (made.Text, true);
        }
    }
}
