using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Detection;

namespace Weir.Ingest.Privacy;

/// <summary>The secrets that addresses are hashed with: one a day (UTC), destroyed when the day is over. For one thread at a time.</summary>
/// <remarks>
/// Today's is kept in a file of mode 0600, so that a client stays one client over a restart. Yesterday's is kept in memory for
/// <see cref="Grace"/> after midnight, for requests that were under way. A hit of any other day (a log's lines, a clock that jumped) gets a
/// secret that is never written. Each program has its own: a secret that travels is one that somebody else may keep. HMAC-SHA-256,
/// cut to 64 bits: two clients of a day fall together once in some billion clients.
/// </remarks>
/// <param name="file">Where today's is kept; null keeps it in memory only.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Told when the file cannot be used; nobody when null.</param>
internal sealed class DailySalts(string? file, TimeProvider time, ILogger? log = null)
{
    private const int SaltBytes = 32;
    private const long DayMs = 24L * 3600 * 1000;
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private readonly ILogger _log = log ?? NullLogger.Instance;
    private readonly Dictionary<long, byte[]> _byDay = [];
    private long _today = long.MinValue;

    /// <summary>Hashes an address with the secret of a hit's day. An unknown one stays unknown.</summary>
    public ClientAddress Hash(ClientAddress address, long timeMs)
    {
        if (!address.IsKnown)
            return address;
        Span<byte> bytes = stackalloc byte[16];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address.Value);
        HMACSHA256.HashData(Of(DayOf(timeMs)), bytes, hash);
        return AddressForms.OfHash(BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    /// <summary>What an address was stored as today; unknown when no secret of today is in the file.</summary>
    public static ClientAddress TodaysHash(string file, ClientAddress address, TimeProvider time)
    {
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!TryRead(file, out long day, out var salt) || day != DayOf(nowMs))
            return default;
        var salts = new DailySalts(null, time) { _byDay = { [day] = salt } };
        return salts.Hash(address, nowMs);
    }

    /// <summary>Destroys what is over. To be called now and then, also while there is nothing to hash.</summary>
    public void Forget()
    {
        var now = time.GetUtcNow();
        long today = DayOf(now.ToUnixTimeMilliseconds());
        if (today != _today)
        {
            _today = today;
            ForgetFile(today);
        }
        if (_byDay.Count == 0)
            return;
        foreach (var (day, salt) in _byDay)
        {
            if (day == today || (day == today - 1 && now.TimeOfDay < Grace))
                continue;
            CryptographicOperations.ZeroMemory(salt);
            _byDay.Remove(day);
        }
    }

    private byte[] Of(long day)
    {
        if (_byDay.TryGetValue(day, out var salt))
            return salt;
        salt = day == DayOf(time.GetUtcNow().ToUnixTimeMilliseconds()) && file is not null ? ReadOrWrite(file, day) : RandomNumberGenerator.GetBytes(SaltBytes);
        _byDay.Add(day, salt);
        return salt;
    }

    private byte[] ReadOrWrite(string path, long day)
    {
        if (TryRead(path, out long ofDay, out var kept) && ofDay == day)
            return kept;
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        try
        {
            ForgetFile(day);
            using var writer = new StreamWriter(path, PrivateFile.Making(FileMode.Create));
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{day} {Convert.ToBase64String(salt)}\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.SaltNotKept(path, e.Message.TrimEnd('.'));
        }
        return salt;
    }

    // Written over before it is removed: as far as a file system lets anybody, the old bytes are gone.
    private void ForgetFile(long today)
    {
        if (file is null || !File.Exists(file) || (TryRead(file, out long day, out _) && day == today))
            return;
        try
        {
            using (var old = new FileStream(file, FileMode.Open, FileAccess.Write))
            {
                old.Write(new byte[old.Length]);
                old.Flush(flushToDisk: true);
            }
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.SaltNotDestroyed(file, e.Message.TrimEnd('.'));
        }
    }

    private static bool TryRead(string path, out long day, out byte[] salt)
    {
        (day, salt) = (0, []);
        try
        {
            if (!File.Exists(path) || File.ReadAllText(path).Split(' ', 2) is not [var ofDay, var text] || !long.TryParse(ofDay, CultureInfo.InvariantCulture, out day))
                return false;
            salt = Convert.FromBase64String(text.Trim());
            return salt.Length == SaltBytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }

    private static long DayOf(long timeMs) => timeMs >= 0 ? timeMs / DayMs : (timeMs - DayMs + 1) / DayMs;
}
