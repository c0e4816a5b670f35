using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Weir.Control;
using Weir.Ingest;

namespace Weir.Proxy.Tests.Caching;

/// <summary>An edge that keeps answers before an origin that counts how often it was asked, and a clock that moves when told.</summary>
internal sealed class CachedSite : IAsyncDisposable
{
    public const string GptBot = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)";

    private readonly TestOrigin _origin;
    private int _asked;

    private CachedSite(TestOrigin origin, Edge edge, FakeTimeProvider time) => (_origin, Edge, Time) = (origin, edge, time);

    public Edge Edge { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>Requests that reached the origin.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>A site whose origin answers each time with its count, and as <paramref name="answer"/> says.</summary>
    public static Task<CachedSite> StartAsync(Action<HttpContext> answer, SiteCache? cache = null, Func<Site, Site>? change = null,
        Func<EdgeOptions, EdgeOptions>? options = null) =>
        StartAsync((c, asked) =>
        {
            answer(c);
            return c.Response.StatusCode is 204 or 304 || HttpMethods.IsHead(c.Request.Method)
                ? Task.CompletedTask : c.Response.WriteAsync(asked.ToString(CultureInfo.InvariantCulture));
        }, cache, change, options);

    public static async Task<CachedSite> StartAsync(Func<HttpContext, int, Task> answer, SiteCache? cache = null, Func<Site, Site>? change = null,
        Func<EdgeOptions, EdgeOptions>? options = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        CachedSite site = null!;
        var origin = await TestOrigin.StartAsync(c =>
        {
            c.Response.Headers.Date = time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            return answer(c, Interlocked.Increment(ref site._asked));
        });
        var settings = Edge.SiteOf("www.example.com", origin.Url) with { Hosts = ["www.example.com", "other.example.com"], Cache = cache ?? new SiteCache { WritesStatus = true } };
        var edge = await Edge.StartAsync([change is null ? settings : change(settings)], options, time: time);
        return site = new CachedSite(origin, edge, time);
    }

    /// <summary>Asks, and waits until the hit is there.</summary>
    public async Task<(HttpResponseMessage Answer, string Text, Hit Hit)> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, $"http://www.example.com{path}");
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        var answer = await Edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer, text, await Edge.Hits.NextAsync());
    }

    public Task<(HttpResponseMessage Answer, string Text, Hit Hit)> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, headers);

    /// <summary>What the cache did with a GET.</summary>
    public async Task<CacheResult> ResultAsync(string path, params (string Name, string Value)[] headers) => (await GetAsync(path, headers)).Hit.Cache;

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await _origin.DisposeAsync();
    }
}
