using System.IO.Compression;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Weir.Control;
using Weir.Detection.Robots;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Robots;

public class TextFileWatchTests
{
    private static readonly Uri Robots = new("http://www.example.com/robots.txt");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_kept_when_it_is_first_served_and_when_it_changes_packed_or_not()
    {
        string text = "User-agent: *\nDisallow: /a\n";
        bool isPacked = false;
        await using var origin = await TestOrigin.StartAsync(async c =>
        {
            if (!isPacked)
            {
                await c.Response.WriteAsync(text);
                return;
            }
            c.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(c.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(text));
        });
        var kept = new Versions();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)], robots: kept);

        await edge.Client.GetStringAsync(Robots, Stop);
        await edge.Client.GetStringAsync(Robots, Stop);
        var first = await kept.NextAsync();
        isPacked = true;
        await edge.Client.GetByteArrayAsync(Robots, Stop);
        text = "User-agent: *\nDisallow: /b\n";
        await edge.Client.GetByteArrayAsync(Robots, Stop);
        var second = await kept.NextAsync();

        Assert.Equal(("www.example.com", 200, 0, "User-agent: *\nDisallow: /a\n"), (first.Host, first.Status, first.Mode, Encoding.UTF8.GetString(first.Text.Span)));
        Assert.Equal(text, Encoding.UTF8.GetString(second.Text.Span));
        Assert.NotEqual(first.Hash, second.Hash);
    }

    [Fact]
    public async Task What_the_edge_writes_is_kept_like_what_it_passes_and_errors_are_no_version()
    {
        int status = 404;
        await using var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.StatusCode = status;
            return c.Response.WriteAsync("not here");
        });
        var kept = new Versions();
        var site = Edge.SiteOf("www.example.com", origin.Url);
        await using var edge = await Edge.StartAsync([site], robots: kept);

        using var missing = await edge.Client.GetAsync(Robots, Stop);
        var none = await kept.NextAsync();
        foreach (int wrong in (int[])[500, 403, 429, 301])
        {
            status = wrong;
            using var _ = await edge.Client.GetAsync(Robots, Stop);
        }
        edge.Sites.Replace([site with { Robots = new SiteRobots { Mode = RobotsMode.Managed, Plan = new RobotsPlan() } }]);
        string managed = await edge.Client.GetStringAsync(Robots, Stop);
        var ours = await kept.NextAsync();

        Assert.Equal((404, "", 0), (none.Status, none.Hash, none.Text.Length));
        Assert.Equal((200, (byte)RobotsMode.Managed, managed), (ours.Status, ours.Mode, Encoding.UTF8.GetString(ours.Text.Span)));
    }

    [Fact]
    public async Task A_file_written_anew_for_each_request_is_kept_a_dozen_times_and_counted()
    {
        int number = 0;
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync($"# {++number}\n"));
        var kept = new Versions();
        await using var edge = await Edge.StartAsync([Edge.SiteOf("www.example.com", origin.Url)], robots: kept);
        using var shed = edge.Count("weir.edge.robots.versions_shed");

        for (int i = 0; i < 15; i++)
            await edge.Client.GetStringAsync(Robots, Stop);
        while (shed.Sum < 3)
            await Task.Yield();

        Assert.Equal(12, kept.Waiting);
    }

    [Fact]
    public async Task Who_reads_llms_txt_is_counted_and_gets_the_origins()
    {
        await using var origin = await TestOrigin.StartAsync(c => c.Response.WriteAsync($"# at {c.Request.Path}"));
        await using var edge = await Edge.BeforeAsync(origin);
        using var asked = edge.Count("weir.edge.llms_txt");

        foreach (string path in (string[])["/llms.txt", "/llms-full.txt", "/.well-known/llms.txt", "/docs/llms.txt", "/humans.txt"])
            Assert.Equal($"# at {path}", await edge.Client.GetStringAsync(new Uri("http://www.example.com" + path), Stop));

        Assert.Equal(3, asked.Sum);
        Assert.Equal("/llms.txt", (await edge.Hits.NextAsync()).Path);
    }

    private sealed class Versions : IRobotsSink
    {
        private readonly Channel<RobotsSighting> _all = Channel.CreateUnbounded<RobotsSighting>();

        public int Waiting => _all.Reader.Count;

        public bool TryWrite(RobotsSighting sighting) => _all.Writer.TryWrite(sighting);

        public ValueTask<RobotsSighting> NextAsync() => _all.Reader.ReadAsync(Stop);
    }
}
