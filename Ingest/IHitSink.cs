namespace Weir.Ingest;

/// <summary>Takes hits from the request path. Safe from any thread.</summary>
public interface IHitSink
{
    /// <summary>Takes one hit for storing. Never blocks, never throws.</summary>
    /// <returns>False when the hit is lost; the loss is counted with its reason.</returns>
    bool TryWrite(in Hit hit);
}
