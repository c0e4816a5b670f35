using System.Diagnostics;
using System.Security.Cryptography;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>A client that is not ours and not .NET: npm @clickhouse/client, run by node.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class NodeClientTests(EmbeddedFixture fixture)
{
    [Fact]
    public async Task The_javascript_client_works_in_every_way_it_has()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Embedded", "node");
        (int code, string output) = await RunAsync("node", ["check.mjs", fixture.Server.Endpoint.Url.ToString(), await InstallAsync(script)], script,
            ("CLICKHOUSE_TOKEN", fixture.Server.Endpoint.Password));
        Assert.True(code == 0, output);
        Assert.Equal(12, output.Split('\n').Count(l => l.StartsWith("ok ", StringComparison.Ordinal)));
    }

    // Once per lock file and machine, like the library itself.
    static async Task<string> InstallAsync(string source)
    {
        byte[] hash = SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, "package-lock.json")));
        string cache = Environment.GetEnvironmentVariable("WEIR_CACHE") is { Length: > 0 } own ? own
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "weir");
        string target = Path.Combine(cache, "node-tests", Convert.ToHexStringLower(hash)[..16]);
        if (Directory.Exists(target)) return target;
        string work = target + $".{Environment.ProcessId}";
        Directory.CreateDirectory(work);
        foreach (string name in (string[])["package.json", "package-lock.json", ".npmrc"]) File.Copy(Path.Combine(source, name), Path.Combine(work, name), overwrite: true);
        (int code, string output) = await RunAsync("npm", ["ci", "--no-progress"], work);
        Assert.True(code == 0, output);
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

    static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string folder, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
