using Microsoft.Extensions.Logging;
using Weir.Ingest.ClickHouse;
using Weir.Ingest.Embedded;
using Weir.Ingest.Schema;

namespace Weir.Hosting;

/// <summary>The ClickHouse of a run: the operator's server, or an embedded one that ends with this object.</summary>
internal sealed class Store : IAsyncDisposable
{
    private readonly EmbeddedClickHouse? _embedded;

    private Store(ClickHouseEndpoint endpoint, EmbeddedClickHouse? embedded)
    {
        Endpoint = endpoint;
        _embedded = embedded;
    }

    public ClickHouseEndpoint Endpoint { get; }

    /// <summary>Whether it is the embedded one.</summary>
    public bool IsEmbedded => _embedded is not null;

    /// <summary>Starts the embedded server, unless the settings name one, and brings its schema up to date.</summary>
    /// <exception cref="CommandException">The embedded server cannot start, or its data is of a newer program.</exception>
    public static async Task<Store> OpenAsync(ClickHouseEndpoint? server, string folder, ILoggerFactory logs, CancellationToken stop)
    {
        // A server may be away for a while: the writer brings its schema up to date when it answers.
        if (server is not null)
            return new Store(server, null);
        EmbeddedClickHouse embedded;
        try
        {
            embedded = await EmbeddedClickHouse.StartAsync(
                new EmbeddedClickHouseOptions { Folder = folder }, TimeProvider.System, logs.CreateLogger<EmbeddedClickHouse>(), stop);
        }
        catch (EmbeddedClickHouseException e)
        {
            throw new CommandException(e.Message, e);
        }
        try
        {
            await SchemaMigrator.ApplyAsync(embedded.Endpoint, TimeProvider.System, stop);
            return new Store(embedded.Endpoint, embedded);
        }
        catch (SchemaException e)
        {
            await embedded.DisposeAsync();
            throw new CommandException(e.Message, e);
        }
        catch
        {
            await embedded.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _embedded?.DisposeAsync() ?? ValueTask.CompletedTask;
}
