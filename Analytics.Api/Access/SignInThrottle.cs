using System.Net;

namespace Weir.Analytics.Api.Access;

/// <summary>Counts wrong keys per address (IPv4) or network (IPv6 /64), so that nobody can try many. Safe from any thread.</summary>
internal sealed class AttemptCount(TimeProvider time, int max)
{
    /// <summary>For how long failures count, from an address' first.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    // A table of addresses that somebody else fills must be bounded; when full it forgets, which only lets a guesser start over.
    private const int MaxAddresses = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (int Failures, DateTimeOffset Until)> _byAddress = [];

    /// <summary>How long this address has to wait; zero when it may try.</summary>
    public TimeSpan WaitOf(IPAddress? address)
    {
        lock (_lock)
        {
            if (!_byAddress.TryGetValue(KeyOf(address), out var entry) || entry.Failures < max)
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
            return entry.Failures + 1 == max;
        }
    }

    // Whoever has one address of an IPv6 network has 2^64 of them.
    private static IPAddress KeyOf(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        byte[] bytes = CallerExtensions.Plain(address).GetAddressBytes();
        if (bytes.Length == 16)
            bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}

/// <summary>Guards the sign-in form. Safe from any thread.</summary>
internal sealed class SignInThrottle(TimeProvider time)
{
    // Ten wrong pastes are a person; keys have 262 random bits, so this guards the log and the CPU more than the keys.
    private const int MaxFailures = 10;

    // However many addresses strangers have, they fill no more of the audit log than this in each window.
    private const int MaxNotes = 200;

    private readonly AttemptCount _failures = new(time, MaxFailures);
    private readonly AttemptCount _notes = new(time, MaxNotes);

    /// <summary>How long this address has to wait; zero when it may try.</summary>
    public TimeSpan WaitOf(IPAddress? address) => _failures.WaitOf(address);

    /// <summary>Notes a wrong key; true when it was the one that closes the door.</summary>
    public bool Failed(IPAddress? address) => _failures.Failed(address);

    /// <summary>Whether a refused sign-in may be written into the audit log; counts it.</summary>
    public bool MayNote()
    {
        if (_notes.WaitOf(null) > TimeSpan.Zero)
            return false;
        _notes.Failed(null);
        return true;
    }
}

/// <summary>Guards requests with keys of their own. Good keys pass whatever their address did: many clients may share one, behind a proxy or a
/// network's translator, and one with an old key must not lock out the others. Safe from any thread.</summary>
internal sealed class WrongKeys(AnalyticsOptions options, TimeProvider time)
{
    private readonly AttemptCount _failures = new(time, options.WrongKeysMax);

    /// <summary>Notes a wrong key; how long its address has to wait, zero when a plain refusal is enough.</summary>
    public TimeSpan Failed(IPAddress? address)
    {
        var wait = _failures.WaitOf(address);
        if (wait == TimeSpan.Zero)
            _failures.Failed(address);
        return wait;
    }
}
