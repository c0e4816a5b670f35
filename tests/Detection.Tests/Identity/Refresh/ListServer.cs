using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Detection.Catalog;
using Weir.TestKit;

namespace Weir.Tests.IdentityOf;

/// <summary>A publisher of one range list, and a catalog folder whose bundled copy is of 1 January.</summary>
internal sealed class ListServer : IAsyncDisposable
{
    public const string January = """{"creationTime":"2026-01-01T00:00:00","prefixes":[{"ipv4Prefix":"5.9.0.0/24"},{"ipv4Prefix":"5.9.1.0/24"},{"ipv4Prefix":"5.9.2.0/24"},{"ipv4Prefix":"5.9.3.0/24"}]}""";
    public const string June = """{"creationTime":"2026-06-01T00:00:00","prefixes":[{"ipv4Prefix":"5.9.1.0/24"},{"ipv4Prefix":"5.9.2.0/24"},{"ipv4Prefix":"5.9.3.0/24"},{"ipv4Prefix":"5.9.4.0/24"}]}""";

    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _web;
    private int _open;

    private ListServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        _web = builder.Build();
        _web.Run(async context =>
        {
            OpenMax = Math.Max(OpenMax, Interlocked.Increment(ref _open));
            lock (Asked)
                Asked.Add(context.Request.Headers.IfNoneMatch.ToString());
            await Answer(context);
            Interlocked.Decrement(ref _open);
        });
    }

    /// <summary>What is answered.</summary>
    public RequestDelegate Answer { get; set; } = c => c.Response.WriteAsync(June);

    /// <summary>The If-None-Match of each request.</summary>
    public List<string> Asked { get; } = [];

    public int OpenMax { get; private set; }

    public string Data => _folder["ranges"];

    public static async Task<ListServer> StartAsync(int lists = 1)
    {
        var server = new ListServer();
        await server._web.StartAsync();
        string url = server._web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Directory.CreateDirectory(server._folder["ip-ranges"]);
        for (int i = 0; i < lists; i++)
            await File.WriteAllTextAsync(server._folder[$"ip-ranges/a{i}.json"], January);
        string Entries(Func<int, string> one) => string.Join(',', Enumerable.Range(0, lists).Select(one));
        await File.WriteAllTextAsync(server._folder["crawlers.json"],
            $$"""
            {"version":"1","rangeLists":[{{Entries(i => $$"""{"file":"a{{i}}.json","operator":"A","url":"{{url}}/a{{i}}.json","retrievedAt":"2026-01-02","origin":"x","confidence":"published","scope":"crawler","complete":true}""")}}],
            "crawlers":[{{Entries(i => $$"""{"id":"a{{i}}","name":"A{{i}}","operator":"A","purpose":"search","purposeConfidence":"curated","tokens":["A{{i}}Bot"],"ranges":["a{{i}}.json"]}""")}}]}
            """);
        return server;
    }

    public CrawlerCatalog LoadCatalog() => CrawlerCatalog.Load(_folder.Path);

    public Task StopAsync() => _web.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _folder.Dispose();
    }
}
