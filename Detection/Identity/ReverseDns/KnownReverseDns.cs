using Weir.Detection.Catalog;

namespace Weir.Detection.Identification;

/// <summary>One answer of reverse DNS that is known already, whoever asks. Safe from any thread.</summary>
internal sealed class KnownReverseDns : IReverseDns
{
    private static readonly KnownReverseDns[] All = Array.ConvertAll(Enum.GetValues<ReverseDnsAnswer>(), a => new KnownReverseDns(a));

    private readonly ReverseDnsAnswer _answer;

    private KnownReverseDns(ReverseDnsAnswer answer) => _answer = answer;

    /// <summary>The one for an answer; nothing is allocated.</summary>
    public static KnownReverseDns Of(ReverseDnsAnswer answer) => All[(int)answer];

    /// <inheritdoc/>
    public ReverseDnsAnswer Ask(ClientAddress address, Crawler crawler, long timeMs, bool isHidden = false) => _answer;
}
