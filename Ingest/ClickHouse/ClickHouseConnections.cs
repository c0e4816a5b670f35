using System.Net;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;

namespace Weir.Ingest.ClickHouse;

/// <summary>The one way to ClickHouse: a pooled client for an endpoint. Safe from any thread; make one per endpoint and keep it.</summary>
public sealed class ClickHouseConnections : IDisposable
{
    // An insert of a full batch takes well under a second; a server that merges hard may take many. Beyond this, it is away.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    // A name may move to another server.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;

    /// <summary>Opens no connection yet.</summary>
    /// <param name="endpoint">Where ClickHouse answers.</param>
    public ClickHouseConnections(ClickHouseEndpoint endpoint)
    {
        Endpoint = endpoint;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        })
        { Timeout = RequestTimeout };
        Client = NewClient(endpoint.Database);
    }

    /// <summary>Where this leads.</summary>
    public ClickHouseEndpoint Endpoint { get; }

    /// <summary>The driver's client; tables of <see cref="ClickHouseEndpoint.Database"/> need no prefix.</summary>
    public ClickHouseClient Client { get; }

    /// <summary>A client of another database on the same server, over the same connections. The caller disposes it.</summary>
    internal ClickHouseClient NewClient(string database) => new(new ClickHouseClientSettings
    {
        Protocol = Endpoint.Url.Scheme,
        Host = Endpoint.Url.Host,
        Port = (ushort)Endpoint.Url.Port,
        Path = Endpoint.Url.AbsolutePath.Trim('/') is { Length: > 0 } path ? path : null,
        Username = Endpoint.User,
        Password = Endpoint.Password,
        Database = database,
        // On loopback, packing costs more than it saves.
        UseCompression = !Endpoint.Url.IsLoopback,
        Timeout = RequestTimeout,
        HttpClient = _http,
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
    }
}
