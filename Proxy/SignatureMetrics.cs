using System.Diagnostics.Metrics;
using Weir.Detection;
using Weir.Detection.Identification.Signatures;

namespace Weir.Proxy;

/// <summary>Shows what became of signatures and key directories under the edge's meter.</summary>
internal sealed class SignatureMetrics : IDisposable
{
    private readonly Meter _meter;

    /// <summary>Makes the instruments that the detector has something to say for.</summary>
    public SignatureMetrics(IMeterFactory meters, Detector detector)
    {
        _meter = meters.Create(EdgeMetrics.MeterName);
        if (detector.Signatures is not WebBotAuth check)
            return;
        _meter.CreateObservableCounter("weir.edge.signatures",
            () => Enum.GetValues<SignatureResult>().Select(r => Of(check.Counts[r], r.ToName())), "{request}", "Signed requests, by what became of the signature.");
        if (check.Keys is not SignatureDirectories directories)
            return;
        _meter.CreateObservableCounter("weir.edge.key_directories",
            () => Enum.GetValues<DirectoryResult>().Select(r => Of(directories.Counts[r], r.ToName())), "{fetch}", "Fetches of signers' keys, by result.");
        _meter.CreateObservableCounter("weir.edge.key_directories.false_proofs", () => directories.Counts.FalseProofs, "{key}",
            "Keys left out because their directory's own signature is false.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Of(long count, string result) => new(count, new KeyValuePair<string, object?>("result", result));
}
