using System.Diagnostics;
using System.Text.Json;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>Starting, finding, refusing and ending the child.</summary>
[Collection(EmbeddedCollection.Name)]
public sealed class LifecycleTests(EmbeddedFixture fixture)
{
    [Fact]
    public async Task Another_command_finds_the_running_server()
    {
        ClickHouseEndpoint? found = await EmbeddedClickHouse.TryFindRunningAsync(fixture.Folder);
        Assert.Equal(fixture.Server.Endpoint, found);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(fixture.Folder, "clickhouse.json")));
        string stale = Directory.CreateTempSubdirectory("weir-stale-").FullName;
        Assert.Null(await EmbeddedClickHouse.TryFindRunningAsync(stale));
        await File.WriteAllTextAsync(Path.Combine(stale, "clickhouse.json"), """{"port":1,"token":"x","pid":1}""");
        Assert.Null(await EmbeddedClickHouse.TryFindRunningAsync(stale));
        await File.WriteAllTextAsync(Path.Combine(stale, "clickhouse.json"), "not json");
        Assert.Null(await EmbeddedClickHouse.TryFindRunningAsync(stale));
        Directory.Delete(stale, recursive: true);
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_in_one_line()
    {
        var refused = await Assert.ThrowsAsync<EmbeddedClickHouseException>(() => EmbeddedFixture.StartAsync(fixture.Folder));
        Assert.Equal(EmbeddedServer.FolderInUse, refused.ExitCode);
        Assert.Contains(fixture.Folder, refused.Message, StringComparison.Ordinal);
        Assert.Contains($"process {fixture.Server.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal("1", await fixture.RunAsync("SELECT 1"));
    }

    [Fact]
    public async Task Sigterm_ends_it_with_0()
    {
        using TemporaryChild child = await TemporaryChild.StartAsync();
        using Process kill = Process.Start("kill", ["-TERM", $"{child.Process.Id}"]);
        await child.Process.WaitForExitAsync();
        Assert.Equal(0, child.Process.ExitCode);
    }

    [Fact]
    public async Task Sigterm_under_a_long_statement_ends_it_with_0()
    {
        using TemporaryChild child = await TemporaryChild.StartAsync();
        Task<HttpResponseMessage> run = child.Http.PostAsync(
            new Uri("/", UriKind.Relative), new StringContent("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)"));
        while (await child.AskAsync("SELECT count() FROM system.processes") != "2") Assert.False(run.IsCompleted);
        using Process kill = Process.Start("kill", ["-TERM", $"{child.Process.Id}"]);
        await child.Process.WaitForExitAsync();
        Assert.Equal(0, child.Process.ExitCode);
        await Assert.ThrowsAnyAsync<Exception>(async () => (await run).EnsureSuccessStatusCode());
    }

    [Fact]
    public async Task It_ends_when_its_parents_end_of_the_pipe_closes()
    {
        using TemporaryChild child = await TemporaryChild.StartAsync();
        child.Process.StandardInput.Close();
        await child.Process.WaitForExitAsync();
        Assert.Equal(0, child.Process.ExitCode);
    }

    [Theory]
    [InlineData("--port", "99999")]
    [InlineData("--what", "1")]
    public async Task Bad_arguments_are_told_in_one_line(string name, string value)
    {
        using Process process = TemporaryChild.Run(["--data", "x", name, value]);
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(EmbeddedServer.BadArguments, process.ExitCode);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Without_the_library_the_line_says_what_to_do()
    {
        using Process process = TemporaryChild.Run(["--data", "x"], ("WEIR_CACHE", "/nonexistent"));
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(EmbeddedServer.NoLibrary, process.ExitCode);
        Assert.Contains("npm", error, StringComparison.Ordinal);
        Assert.Contains("clickhouse.url", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }
}

/// <summary>A child started without the supervisor.</summary>
sealed class TemporaryChild(Process process, HttpClient http, string folder) : IDisposable
{
    const string Token = "test-token";

    public Process Process => process;
    public HttpClient Http => http;

    public static async Task<TemporaryChild> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("weir-child-").FullName;
        Process process = Run(["--data", folder, "--parent-pid", $"{Environment.ProcessId}"]);
        string line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
        using JsonDocument ready = JsonDocument.Parse(line);
        Assert.Equal(process.Id, ready.RootElement.GetProperty("pid").GetInt32());
        Uri url = new($"http://127.0.0.1:{ready.RootElement.GetProperty("port").GetInt32()}");
        return new TemporaryChild(process, EmbeddedFixture.NewHttp(new ClickHouseEndpoint(url, "default", Token)), folder);
    }

    public static Process Run(string[] arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(EmbeddedFixture.HostCommand[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string argument in (IEnumerable<string>)[EmbeddedServer.Command, .. arguments]) start.ArgumentList.Add(argument);
        start.Environment["WEIR_CLICKHOUSE_TOKEN"] = Token;
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public async Task<string> AskAsync(string sql)
    {
        using HttpResponseMessage response = await http.PostAsync(new Uri("/", UriKind.Relative), new StringContent(sql));
        return (await response.Content.ReadAsStringAsync()).TrimEnd('\n');
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
