using System.Net.Http.Headers;
using System.Text;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;

namespace Weir.Ingest.Tests.Embedded;

/// <summary>One embedded ClickHouse for every test of the collection; each test makes its own tables.</summary>
public sealed class EmbeddedFixture : IAsyncLifetime
{
    static int _tables;

    public string Folder { get; } = Directory.CreateTempSubdirectory("weir-embedded-").FullName;
    public EmbeddedClickHouse Server { get; private set; } = null!;
    public ClickHouseClient Driver { get; private set; } = null!;
    public HttpClient Http { get; private set; } = null!;

    /// <summary>Command of a child: the real one runs in a process that does nothing else.</summary>
    public static IReadOnlyList<string> HostCommand { get; } =
    [
        Path.Combine(AppContext.BaseDirectory, "Weir.EmbeddedHost"),
        EmbeddedServer.Command,
    ];

    public static EmbeddedClickHouseOptions Options(string folder) => new() { Folder = folder, Command = HostCommand };

    public static Task<EmbeddedClickHouse> StartAsync(string folder) =>
        EmbeddedClickHouse.StartAsync(Options(folder), TimeProvider.System, NullLogger<EmbeddedClickHouse>.Instance);

    public async ValueTask InitializeAsync()
    {
        Server = await StartAsync(Folder);
        Driver = NewDriver(Server.Endpoint);
        Http = NewHttp(Server.Endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        Driver.Dispose();
        Http.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public static ClickHouseClient NewDriver(ClickHouseEndpoint endpoint, bool compression = false, string? session = null) =>
        new(new ClickHouseClientSettings
        {
            Host = endpoint.Url.Host,
            Port = (ushort)endpoint.Url.Port,
            Username = endpoint.User,
            Password = endpoint.Password,
            Database = "default",
            UseCompression = compression,
            UseSession = session is not null,
            SessionId = session,
        });

    public static HttpClient NewHttp(ClickHouseEndpoint endpoint)
    {
        HttpClient http = new() { BaseAddress = endpoint.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{endpoint.User}:{endpoint.Password}")));
        return http;
    }

    /// <summary>A table's name that no other test has.</summary>
    public static string NewTable() => $"t{Interlocked.Increment(ref _tables)}";

    /// <summary>Posts a statement; gives status and text.</summary>
    public async Task<(int Status, string Text)> PostAsync(string sql, string url = "/")
    {
        using HttpResponseMessage response = await Http.PostAsync(new Uri(url, UriKind.Relative), new StringContent(sql));
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Posts bytes; gives status and bytes.</summary>
    public async Task<(int Status, byte[] Bytes)> PostBytesAsync(byte[] body, string url = "/", string? encoding = null)
    {
        ByteArrayContent content = new(body);
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        using HttpResponseMessage response = await Http.PostAsync(new Uri(url, UriKind.Relative), content);
        return ((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Runs a statement that must succeed; gives its text without the last line break.</summary>
    public async Task<string> RunAsync(string sql, string url = "/")
    {
        (int status, string text) = await PostAsync(sql, url);
        Assert.True(status == 200, $"{sql}: {status} {text}");
        return text.TrimEnd('\n');
    }
}

[CollectionDefinition(Name)]
public sealed class EmbeddedCollection : ICollectionFixture<EmbeddedFixture>
{
    public const string Name = "embedded ClickHouse";
}
