using System.Security.Cryptography;
using System.Text;

namespace Weir.Detection.Identification.Signatures;

/// <summary>Whether a nonce was seen before.</summary>
internal enum ReplayAnswer : byte
{
    New,
    Seen,
    Full,
}

/// <summary>Remembers the nonces of true signatures until these expire. Bounded; safe from any thread.</summary>
/// <remarks>Only signatures that were found true are remembered, so that nobody without an agent's key can fill it. Stripes keep threads
/// apart: a lock is held for one look-up, after the 60 µs that checking the signature took. It is this edge's own memory: a nonce used
/// at two edges is seen by neither.</remarks>
internal sealed class ReplayMemory
{
    private const int Stripes = 64;

    private readonly Stripe[] _stripes;
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(32);

    /// <param name="capacity">Nonces remembered at most, about 50 bytes each.</param>
    public ReplayMemory(int capacity)
    {
        int each = Math.Max(1, capacity / Stripes);
        _stripes = Enumerable.Range(0, Stripes).Select(_ => new Stripe(each)).ToArray();
    }

    /// <summary>Notes that a nonce was used with a key.</summary>
    /// <param name="thumbprint">The key.</param>
    /// <param name="nonce">The nonce.</param>
    /// <param name="untilMs">When the signature ends to be believed.</param>
    /// <param name="nowMs">The time now.</param>
    public ReplayAnswer Note(string thumbprint, string nonce, long untilMs, long nowMs)
    {
        // Keyed, so that no signer can choose nonces that meet in one stripe or one bucket.
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_salt, Encoding.UTF8.GetBytes($"{thumbprint} {nonce}"), hash);
        return _stripes[hash[16] % Stripes].Note(BitConverter.ToUInt128(hash), untilMs, nowMs);
    }

    private sealed class Stripe(int capacity)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<UInt128, long> _until = [];
        private long _soonestMs = long.MaxValue;

        public ReplayAnswer Note(UInt128 nonce, long untilMs, long nowMs)
        {
            lock (_lock)
            {
                if (_until.TryGetValue(nonce, out long seenUntilMs) && seenUntilMs >= nowMs)
                    return ReplayAnswer.Seen;
                if (_until.Count >= capacity && !MakeRoom(nowMs))
                    return ReplayAnswer.Full;
                _until[nonce] = untilMs;
                _soonestMs = Math.Min(_soonestMs, untilMs);
                return ReplayAnswer.New;
            }
        }

        // Walks all only when at least one has ended, so a full stripe costs no walk for each request.
        private bool MakeRoom(long nowMs)
        {
            if (_soonestMs >= nowMs)
                return false;
            _soonestMs = long.MaxValue;
            foreach (var (nonce, untilMs) in _until)
            {
                if (untilMs < nowMs)
                    _until.Remove(nonce);
                else
                    _soonestMs = Math.Min(_soonestMs, untilMs);
            }
            return true;
        }
    }
}
