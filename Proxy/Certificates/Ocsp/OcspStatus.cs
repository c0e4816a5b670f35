namespace Weir.Proxy.Certificates.Ocsp;

/// <summary>What is known of one certificate's revocation, and when to ask again. Written by one thread at a time; read by metrics.</summary>
internal sealed class OcspStatus
{
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LatestAgain = TimeSpan.FromHours(12);
    private static readonly TimeSpan LatestAfterFailure = TimeSpan.FromHours(1);

    private volatile OcspAnswer? _answer;
    private bool _isPrivateTold;

    /// <summary>The last answer that could be believed.</summary>
    public OcspAnswer? Answer => _answer;

    /// <summary>Times in a row that no answer was had.</summary>
    public int Failures { get; private set; }

    /// <summary>When to ask again.</summary>
    public DateTimeOffset AskAt { get; private set; }

    /// <summary>What to tell at this time. An answer counts until it says itself that newer word is there; a revocation counts for ever.</summary>
    public OcspState StateAt(DateTimeOffset now) => _answer switch
    {
        null => OcspState.Unreachable,
        { State: OcspState.Revoked } => OcspState.Revoked,
        { NextUpdate: { } next } when next < now => OcspState.Unreachable,
        { } answer => answer.State,
    };

    /// <summary>Takes an answer; the next question comes half-way to when newer word is promised.</summary>
    public void Take(OcspAnswer answer, DateTimeOffset now)
    {
        _answer = answer;
        Failures = 0;
        var rest = answer.NextUpdate is { } next ? (next - now) / 2 : LatestAgain;
        AskAt = now + Clamp(rest, LatestAgain);
    }

    /// <summary>Whether it is still to be told that the responder is in a private network; true once.</summary>
    public bool TryTellPrivate() => !_isPrivateTold && (_isPrivateTold = true);

    /// <summary>No answer was had; the pause doubles each time.</summary>
    public void Fail(DateTimeOffset now)
    {
        Failures++;
        AskAt = now + Clamp(SoonestAgain * Math.Pow(2, Math.Min(Failures - 1, 10)), LatestAfterFailure);
    }

    private static TimeSpan Clamp(TimeSpan rest, TimeSpan most) => rest < SoonestAgain ? SoonestAgain : rest > most ? most : rest;
}
