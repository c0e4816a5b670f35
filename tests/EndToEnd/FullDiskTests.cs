using System.Text;
using Weir.EndToEnd.Support;
using Weir.TestKit;

namespace Weir.EndToEnd;

/// <summary>A disk of a few megabytes, in a mount namespace of the test's own.</summary>
public class FullDiskTests
{
    [Fact]
    public async Task An_import_on_a_disk_that_fills_up_says_so_in_one_line_and_how_to_go_on()
    {
        using var folder = new TemporaryFolder();
        await WriteLogAsync(folder["access.log"], lines: 300_000);

        var (code, output) = await OnSmallDiskAsync(folder, $"exec ./weir import {folder["access.log"]} --site demo --data {folder["disk"]}/data");

        Assert.Equal(1, code);
        string error = Assert.Single(output.Split('\n'), l => l.StartsWith("weir: ", StringComparison.Ordinal));
        Assert.Contains("space", error, StringComparison.Ordinal);
        Assert.Contains("again", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_on_a_full_disk_says_so_in_one_line()
    {
        using var folder = new TemporaryFolder();

        var (code, output) = await OnSmallDiskAsync(folder,
            $"head -c 100m /dev/zero >{folder["disk"]}/filler 2>/dev/null; exec ./weir up --data {folder["disk"]}/data --listen 127.0.0.1:0 --api 127.0.0.1:0");

        Assert.Equal(1, code);
        Assert.Contains("space", output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> OnSmallDiskAsync(TemporaryFolder folder, string command)
    {
        await WeirProcess.RunAsync("--version"); // builds, if it must, on the large disk
        Directory.CreateDirectory(folder["disk"]);
        await using var weir = WeirProcess.StartProgram("unshare",
            ["--map-root-user", "--mount", "sh", "-c", $"mount -t tmpfs -o size=24m tmpfs {folder["disk"]} && {command}"]);
        return (await weir.WaitForExitAsync(), weir.Output);
    }

    /// <summary>Lines that hardly compress, so that the disk is full before the log is read.</summary>
    private static async Task WriteLogAsync(string file, int lines)
    {
        var random = new Random(1);
        var buffer = new byte[40];
        await using var writer = new StreamWriter(file, append: false, Encoding.ASCII);
        for (int i = 0; i < lines; i++)
        {
            random.NextBytes(buffer);
            await writer.WriteLineAsync($"203.0.113.{i % 250} - - [20/May/2015:12:{i / 60 % 60:00}:{i % 60:00} +0000] "
                + $"\"GET /{Convert.ToHexString(buffer.AsSpan(0, 20))} HTTP/1.1\" 200 512 \"-\" \"{Convert.ToHexString(buffer)}\"");
        }
    }
}
