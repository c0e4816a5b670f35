using System.Net;
using System.Text.Json;
using Weir.Analytics.Api.Tests.Support;

namespace Weir.Analytics.Api.Tests.Endpoints;

[Collection(AnalyticsCollection.Name)]
public class LiveTests(AnalyticsFixture api)
{
    [Fact]
    public async Task Every_listener_gets_each_new_hit_once_in_order_of_storing()
    {
        string site = await api.NewSiteAsync();
        var now = TimeProvider.System.GetUtcNow();
        await api.StoreAsync(new TestHit(site, now.AddSeconds(-1)) { Path = "/before" });
        await using var one = await EventStream.OpenAsync(api, site);
        await using var two = await EventStream.OpenAsync(api, site);

        for (int i = 0; i < 5; i++)
            await api.StoreAsync(new TestHit(site, now.AddMilliseconds(-i)) { Path = $"/{i}a" }, new TestHit(site, now.AddMilliseconds(-i)) { Path = $"/{i}b" });

        string[] expected = ["/0a", "/0b", "/1a", "/1b", "/2a", "/2b", "/3a", "/3b", "/4a", "/4b"];
        Assert.Equal(expected, await one.TakeAsync(10));
        Assert.Equal(expected, await two.TakeAsync(10));
    }

    [Fact]
    public async Task A_stream_that_broke_goes_on_after_its_last_event()
    {
        string site = await api.NewSiteAsync();
        var hit = new TestHit(site, TimeProvider.System.GetUtcNow());
        string lastId;
        await using (var first = await EventStream.OpenAsync(api, site))
        {
            await api.StoreAsync(hit with { HitId = 1, Path = "/1" }, hit with { HitId = 2, Path = "/2" });
            Assert.Equal(["/1", "/2"], await first.TakeAsync(2));
            lastId = first.LastId;
        }
        await api.StoreAsync(hit with { HitId = 3, Path = "/3" });

        await using var second = await EventStream.OpenAsync(api, site, lastId);

        Assert.Equal(["/3"], await second.TakeAsync(1));
    }

    [Fact]
    public async Task A_live_stream_needs_a_site()
    {
        var (status, problem) = await api.Api.RefusalAsync("/v1/live");

        Assert.Equal(400, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("site", out _));
    }

    private sealed class EventStream(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

        public string LastId { get; private set; } = "";

        public static async Task<EventStream> OpenAsync(AnalyticsFixture api, string site, string? lastId = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/live?site={site}");
            if (lastId is not null)
                request.Headers.Add("Last-Event-ID", lastId);
            var response = await api.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            var stream = new EventStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
            Assert.StartsWith("retry:", await stream.LineAsync(), StringComparison.Ordinal);
            Assert.Equal(": live", await stream.LineAsync());
            return stream;
        }

        /// <summary>Paths of the next hits.</summary>
        public async Task<List<string>> TakeAsync(int count)
        {
            var paths = new List<string>();
            while (paths.Count < count)
            {
                string line = await LineAsync();
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                    LastId = line[4..];
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                    paths.Add(JsonDocument.Parse(line[6..]).RootElement.Text("path")!);
            }
            return paths;
        }

        private async Task<string> LineAsync() =>
            await reader.ReadLineAsync().WaitAsync(Patience) ?? throw new EndOfStreamException("The stream ended.");

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
