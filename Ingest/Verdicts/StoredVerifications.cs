using Weir.Detection;
using Weir.Detection.Identification;

namespace Weir.Ingest.Verdicts;

/// <summary>What reverse DNS found out about some addresses, by time. For one thread at a time.</summary>
internal sealed class StoredVerifications
{
    // As in VerdictSql: a question is answered within the hour, and an answer of the day before is still one of the hit's time.
    private const long LaterMs = 3_600_000, EarlierMs = 24 * LaterMs;

    private readonly Dictionary<(ClientAddress, string), List<(long AsOfMs, ReverseDnsAnswer Answer)>> _known = [];

    /// <summary>Adds a row; rows come in the order of time.</summary>
    public void Add(ClientAddress address, string crawler, long asOfMs, Identity identity, IdentityMethod method)
    {
        var answer = identity switch
        {
            Identity.Verified => ReverseDnsAnswer.Confirmed,
            Identity.Spoofed => ReverseDnsAnswer.Refuted,
            // A name of customers', or one refuted where the operator itself publishes the address.
            Identity.Unverifiable => method == IdentityMethod.ReverseDns ? ReverseDnsAnswer.Shared : ReverseDnsAnswer.Refuted,
            _ => ReverseDnsAnswer.NotAsked,
        };
        if (answer == ReverseDnsAnswer.NotAsked)
            return;
        if (!_known.TryGetValue((address, crawler), out var rows))
            _known.Add((address, crawler), rows = []);
        rows.Add((asOfMs, answer));
    }

    /// <summary>The newest answer at most an hour after a time and a day before it.</summary>
    public ReverseDnsAnswer At(ClientAddress address, string crawler, long timeMs)
    {
        if (crawler.Length == 0 || !_known.TryGetValue((address, crawler), out var rows))
            return ReverseDnsAnswer.NotAsked;
        var answer = ReverseDnsAnswer.NotAsked;
        foreach (var (asOfMs, found) in rows)
        {
            if (asOfMs > timeMs + LaterMs)
                break;
            if (asOfMs >= timeMs - EarlierMs)
                answer = found;
        }
        return answer;
    }
}
