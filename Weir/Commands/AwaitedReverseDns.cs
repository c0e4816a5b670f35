using System.Net;
using Weir.Detection;
using Weir.Detection.Catalog;
using Weir.Detection.Identification;

namespace Weir.Commands;

/// <summary>Reverse DNS for <c>weir classify</c>: the edge never waits for an answer, a command that was told to ask does.</summary>
internal sealed class AwaitedReverseDns : IReverseDns, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ReverseDnsMetrics _metrics = new();
    private readonly ReverseDnsResolver _resolver;

    /// <param name="server">Whom to ask; null for the system's servers.</param>
    public AwaitedReverseDns(IPEndPoint? server)
    {
        var options = new ReverseDnsOptions { Servers = server is null ? [] : [server] };
        _resolver = new ReverseDnsResolver(options, TimeProvider.System, _metrics);
    }

    /// <inheritdoc/>
    public ReverseDnsAnswer Ask(ClientAddress address, Crawler crawler, long timeMs, bool isHidden = false)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        return _resolver.AskAndWaitAsync(address, crawler, timeMs, patience.Token).GetAwaiter().GetResult();
    }

    /// <summary>The host name that was found; empty when the address has none, null when DNS was not asked or did not answer.</summary>
    public string? HostNameOf(ClientAddress address, Crawler crawler) => _resolver.EvidenceOf(address, crawler);

    /// <summary>Gives up what is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _resolver.DisposeAsync();
        _metrics.Dispose();
    }
}
