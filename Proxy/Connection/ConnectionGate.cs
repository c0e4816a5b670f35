using Microsoft.AspNetCore.Connections;

namespace Weir.Proxy.Connection;

/// <summary>Meets every connection after TLS: bounds their number and reads their facts once.</summary>
internal sealed class ConnectionGate(TrustedProxies trusted, EdgeOptions options, EdgeMetrics metrics)
{
    private int _open;

    /// <summary>The gate as a step of Kestrel's connection pipeline.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) > options.Limits.ConnectionsMax)
            {
                metrics.ConnectionRefused();
                connection.Abort(new ConnectionAbortedException("Too many connections are open."));
                return;
            }
            metrics.ConnectionsChanged(1);
            connection.Features.Set(ConnectionFacts.Read(connection, trusted));
            try
            {
                await next(connection);
            }
            finally
            {
                metrics.ConnectionsChanged(-1);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
