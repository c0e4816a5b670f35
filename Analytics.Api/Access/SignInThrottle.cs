using System.Net;

namespace Weir.Analytics.Api.Access;

/// <summary>Counts wrong keys per address, so that nobody can try many through the sign-in form. Safe from any thread.</summary>
internal sealed class SignInThrottle(TimeProvider time)
{
    // Ten wrong pastes are a person; keys have 262 random bits, so this guards the log and the CPU more than the keys.
    private const int MaxFailures = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    // A table of addresses that somebody else fills must be bounded; when full it forgets, which only lets a guesser start over.
    private const int MaxAddresses = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (int Failures, DateTimeOffset Until)> _byAddress = [];

    /// <summary>How long this address has to wait; zero when it may try.</summary>
    public TimeSpan WaitOf(IPAddress? address)
    {
        lock (_lock)
        {
            if (!_byAddress.TryGetValue(KeyOf(address), out var entry) || entry.Failures < MaxFailures)
                return TimeSpan.Zero;
            var wait = entry.Until - time.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>Notes a wrong key; true when it was the one that closes the door.</summary>
    public bool Failed(IPAddress? address)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_byAddress.Count >= MaxAddresses)
                _byAddress.Clear();
            var key = KeyOf(address);
            var entry = _byAddress.TryGetValue(key, out var found) && found.Until > now ? found : (Failures: 0, Until: now + Window);
            _byAddress[key] = (entry.Failures + 1, entry.Until);
            return entry.Failures + 1 == MaxFailures;
        }
    }

    private static IPAddress KeyOf(IPAddress? address) => address ?? IPAddress.None;
}
