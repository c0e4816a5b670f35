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
    private readonly TimeSpan _requestTimeout;

    /// <summary>Opens no connection yet.</summary>
    /// <param name="endpoint">Where ClickHouse answers.</param>
    /// <param name="requestTimeout">Longest wait for an answer; two minutes when null.</param>
    public ClickHouseConnections(ClickHouseEndpoint endpoint, TimeSpan? requestTimeout = null)
    {
        Endpoint = endpoint;
        _requestTimeout = requestTimeout ?? RequestTimeout;
        var sockets = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        };
        HttpMessageHandler handler = endpoint.Others.Count == 0 ? sockets
            : new NodeHandler([endpoint.Url, .. endpoint.Others], sockets, TimeProvider.System, first: Environment.ProcessId % (endpoint.Others.Count + 1));
        _http = new HttpClient(handler) { Timeout = _requestTimeout };
        Client = NewClient(endpoint.Database);
    }

    /// <summary>Where this leads.</summary>
    public ClickHouseEndpoint Endpoint { get; }

    /// <summary>The driver's client; tables of <see cref="ClickHouseEndpoint.Database"/> need no prefix.</summary>
    public ClickHouseClient Client { get; }

    // A report of one site asks the one shard that has it, also for what it looks up beside its rows, and an insert is answered when it is stored there.
    private static readonly Dictionary<string, object> OfCluster = new(StringComparer.Ordinal)
    {
        ["optimize_skip_unused_shards"] = 1,
        ["distributed_product_mode"] = "local",
        ["distributed_foreground_insert"] = 1,
    };

    /// <summary>A client of another database on the same server, over the same connections. The caller disposes it.</summary>
    internal ClickHouseClient NewClient(string database) => new(new ClickHouseClientSettings
    {
        CustomSettings = Endpoint.IsCluster ? OfCluster : [],
        Protocol = Endpoint.Url.Scheme,
        Host = Endpoint.Url.Host,
        Port = (ushort)Endpoint.Url.Port,
        Path = Endpoint.Url.AbsolutePath.Trim('/') is { Length: > 0 } path ? path : null,
        Username = Endpoint.User,
        Password = Endpoint.Password,
        Database = database,
        // On loopback, packing costs more than it saves.
        UseCompression = !Endpoint.Url.IsLoopback,
        Timeout = _requestTimeout,
        HttpClient = _http,
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        _http.Dispose();
    }
}
