using System.Globalization;
using StackExchange.Redis;
using Weir.Proxy.Policies;

namespace Weir.Proxy.SharedLimits;

/// <summary>The one script that tells Redis what this edge let pass and reads what others did, for many counts at once.</summary>
/// <remarks>
/// A key is one window of one count: a hash of one field an edge process. It expires when no window can need it any more, two lengths after its
/// last change, so that Redis holds at most what the edges count in three windows. The sliding window is the local one, made of two
/// windows, with the same error. Windows begin by the edges' clocks: those must agree to well within a window (NTP).
/// Keys of one tag share a slot of a cluster, so a batch is one call to each of its tags there, sent together.
/// </remarks>
internal static class LimitScript
{
    /// <summary>Hash tags among which counts are spread.</summary>
    public const int Tags = 16;

    /// <summary>KEYS: windows. ARGV: this edge; then for each window what it let pass, and for how many seconds to keep it. Gives for each
    /// window what others let pass.</summary>
    public const string Text =
        """
        local others = {}
        for i = 1, #KEYS do
          local own = tonumber(ARGV[2 * i])
          if own > 0 then
            redis.call('HSET', KEYS[i], ARGV[1], own)
            redis.call('EXPIRE', KEYS[i], ARGV[2 * i + 1])
          end
          local sum = 0
          local fields = redis.call('HGETALL', KEYS[i])
          for f = 1, #fields, 2 do
            if fields[f] ~= ARGV[1] then sum = sum + tonumber(fields[f + 1]) end
          end
          others[i] = sum
        end
        return others
        """;

    /// <summary>The tag of a count.</summary>
    public static int TagOf(LimitKey key) => (int)((key.Rule ^ (ulong)key.Subject ^ (ulong)(key.Subject >> 64)) * 0x9E3779B97F4A7C15 >> 60);

    /// <summary>Keys and arguments of a batch.</summary>
    public static (RedisKey[] Keys, RedisValue[] Values) Call(string prefix, string edge, IReadOnlyList<LimitCount> counts)
    {
        var keys = new RedisKey[counts.Count * 2];
        var values = new RedisValue[1 + (keys.Length * 2)];
        values[0] = edge;
        for (int i = 0; i < counts.Count; i++)
        {
            var count = counts[i];
            Write(2 * i, count.Start, count.Own);
            Write((2 * i) + 1, count.Start - count.Seconds, count.OwnBefore);

            void Write(int at, uint start, int own)
            {
                keys[at] = string.Create(CultureInfo.InvariantCulture,
                    $"{prefix}{{{TagOf(count.Key):x}}}:{count.Key.Rule:x}:{count.Key.Subject:x}:{count.Seconds}:{start}");
                values[1 + (2 * at)] = own;
                values[2 + (2 * at)] = (2 * count.Seconds) + 5;
            }
        }
        return (keys, values);
    }
}
