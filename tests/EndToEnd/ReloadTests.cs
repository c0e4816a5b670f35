using System.Diagnostics;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>Changed sites take effect in the running program.</summary>
public class ReloadTests
{
    [Fact]
    public async Task The_running_edge_follows_its_file_whichever_way_it_is_changed()
    {
        using var folder = new TemporaryFolder();
        int[] ports = LoopbackPorts.Free(2);
        await File.WriteAllTextAsync(folder["weir.json"], $$"""
            {
              "listen": "127.0.0.1:{{ports[0]}}", "data": "data", "clickhouse": { "url": "http://127.0.0.1:{{ports[1]}}" },
              "identity": { "reverseDns": false }, "ranges": { "refreshHours": 0 },
              "sites": [
                { "id": "s1", "hosts": "1.example", "origins": "http://127.0.0.1:1" },
              ]
            }
            """, TestContext.Current.CancellationToken);
        await using var weir = WeirProcess.Start("edge", "--config", folder["weir.json"]);
        await weir.WaitForLineAsync("1 site");
        string Adding(int site) => $"/^ *]/i {{ \"id\": \"s{site}\", \"hosts\": \"{site}.example\", \"origins\": \"http://127.0.0.1:1\" }},";

        Run(folder.Path, $"sed -i '{Adding(2)}' weir.json");
        await weir.WaitForLineAsync("2 sites are in force");
        Run(folder.Path, $"sed '{Adding(3)}' weir.json > new && mv new weir.json");
        await weir.WaitForLineAsync("3 sites are in force");
        Run(folder.Path, $"new=$(sed '{Adding(4)}' weir.json) && printf %s \"$new\" > weir.json");
        await weir.WaitForLineAsync("4 sites are in force");
    }

    private static void Run(string folder, string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-ec", command]) { WorkingDirectory = folder })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
