using System.Diagnostics;
using System.Security.Cryptography;

namespace Weir.TestKit;

/// <summary>Runs npm packages that are not ours against what is.</summary>
public static class NodePackages
{
    /// <summary>Installs the packages of a folder's lock file, once for each lock file and machine.</summary>
    /// <returns>The folder that holds <c>node_modules</c>.</returns>
    public static async Task<string> InstallAsync(string folder)
    {
        byte[] hash = SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json")));
        string cache = Environment.GetEnvironmentVariable("WEIR_CACHE") is { Length: > 0 } own ? own
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "weir");
        string target = Path.Combine(cache, "node-tests", Convert.ToHexStringLower(hash)[..16]);
        if (Directory.Exists(target))
            return target;
        string work = $"{target}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(work);
        foreach (string name in (string[])["package.json", "package-lock.json", ".npmrc"])
            File.Copy(Path.Combine(folder, name), Path.Combine(work, name));
        var (code, output) = await RunAsync("npm", ["ci", "--no-progress"], work);
        if (code != 0)
            throw new InvalidOperationException($"npm ci failed: {output}");
        try
        {
            Directory.Move(work, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            Directory.Delete(work, recursive: true);
        }
        return target;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it wrote: standard output, then standard error.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string folder, string input = "",
        params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
