using Microsoft.AspNetCore.Connections;

namespace Weir.Proxy.Connection;

/// <summary>Meets every connection: bounds their number before TLS, and reads their facts once after it.</summary>
internal sealed class ConnectionGate(TrustedProxies trusted, EdgeOptions options, EdgeMetrics metrics)
{
    private int _open;

    /// <summary>Bounds the number of open connections. Stands before TLS, so that who only begins a handshake counts too.</summary>
    public ConnectionDelegate Bound(ConnectionDelegate next) => async connection =>
    {
        if (!TryEnter(connection))
            return;
        try
        {
            await next(connection);
        }
        finally
        {
            Leave();
        }
    };

    /// <summary>The same bound for connections of HTTP/3.</summary>
    public MultiplexedConnectionDelegate Bound(MultiplexedConnectionDelegate next) => async connection =>
    {
        if (!TryEnter(connection))
            return;
        try
        {
            await next(connection);
        }
        finally
        {
            Leave();
        }
    };

    /// <summary>Reads the facts of a connection. Stands after TLS.</summary>
    public ConnectionDelegate ReadFacts(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(ConnectionFacts.Read(connection, trusted));
        return next(connection);
    };

    private bool TryEnter(BaseConnectionContext connection)
    {
        if (Interlocked.Increment(ref _open) <= options.Limits.ConnectionsMax)
        {
            metrics.ConnectionsChanged(1);
            return true;
        }
        Interlocked.Decrement(ref _open);
        metrics.ConnectionRefused();
        connection.Abort(new ConnectionAbortedException("Too many connections are open."));
        return false;
    }

    private void Leave()
    {
        Interlocked.Decrement(ref _open);
        metrics.ConnectionsChanged(-1);
    }
}
