using System.Threading.Channels;
using Weir.Ingest;

namespace Weir.Proxy.Tests;

/// <summary>Keeps hits in memory, and lets a test wait for the next one.</summary>
internal sealed class HitList : IHitSink
{
    private readonly Channel<Hit> _hits = Channel.CreateUnbounded<Hit>();

    /// <summary>Hits nobody has taken yet.</summary>
    public int Waiting => _hits.Reader.Count;

    /// <inheritdoc/>
    public bool TryWrite(in Hit hit) => _hits.Writer.TryWrite(hit);

    /// <summary>The next hit, when it has been recorded.</summary>
    public ValueTask<Hit> NextAsync() => _hits.Reader.ReadAsync(TestContext.Current.CancellationToken);
}
