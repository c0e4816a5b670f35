using System.Text.Json;

namespace Weir.Proxy.Certificates.Orders;

/// <summary>What was ordered and what failed, kept in a file so that no restart forgets a budget. One run at a time holds it.</summary>
public sealed class OrderBook : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromHours(1);

    // Certificate authorities count failures by the hour and orders by the week: more patience gains nothing.
    private static readonly TimeSpan PauseMax = TimeSpan.FromDays(2);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _file;
    private readonly FileStream _held;
    private readonly Content _content;

    private OrderBook(string file, FileStream held, Content content) => (_file, _held, _content) = (file, held, content);

    /// <summary>Opens the book and holds it until disposed.</summary>
    /// <param name="file">Its path; made when it is missing.</param>
    /// <exception cref="IOException">It is held by another run, cannot be read, or is damaged; the message says what to do.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not use it.</exception>
    public static OrderBook Open(string file)
    {
        FileStream held;
        try
        {
            held = new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(file + ".lock"))
        {
            throw new IOException($"Another run holds {file}: wait until it has ended", e);
        }
        try
        {
            var content = File.Exists(file) ? JsonSerializer.Deserialize<Content>(File.ReadAllBytes(file), Json) : new Content();
            return new OrderBook(file, held, content ?? new Content());
        }
        catch (JsonException e)
        {
            held.Dispose();
            throw new IOException($"{file} is damaged, and without it nobody knows what was ordered today: remove it if you are sure", e);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Orders of the last 24 hours.</summary>
    public int OrdersSince(DateTimeOffset now) => _content.Orders.Count(o => o.At > now - Day);

    /// <summary>Whether a host failed of late, and must wait.</summary>
    public bool MustWait(string host, DateTimeOffset now, out string why)
    {
        bool mustWait = _content.Failing.TryGetValue(host, out var failure) && failure.Until > now;
        why = mustWait ? $"failed {(failure!.Times == 1 ? "once" : $"{failure.Times} times")}, next try after {failure.Until.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {failure.Why}" : "";
        return mustWait;
    }

    /// <summary>Notes an order before it is made: one that ends with this program counts too.</summary>
    public void Begin(string host, DateTimeOffset now)
    {
        _content.Orders.RemoveAll(o => o.At <= now - Day);
        _content.Orders.Add(new Placed(host, now));
        Save();
    }

    /// <summary>Notes how it ended. After a failure the host rests: an hour, then twice as long each time, two days at most.</summary>
    /// <param name="host">The host.</param>
    /// <param name="why">Why it failed; null when it did not.</param>
    /// <param name="now">The time.</param>
    public void End(string host, string? why, DateTimeOffset now)
    {
        int times = _content.Failing.Remove(host, out var before) ? before.Times + 1 : 1;
        if (why is not null)
        {
            var pause = FirstPause * Math.Pow(2, Math.Min(times - 1, 10));
            _content.Failing[host] = new Failure(times, now + (pause < PauseMax ? pause : PauseMax), why);
        }
        Save();
    }

    /// <summary>Forgets failures of hosts that are no more.</summary>
    public void KeepOnly(IReadOnlySet<string> hosts)
    {
        foreach (string host in _content.Failing.Keys.Where(h => !hosts.Contains(h)).ToList())
            _content.Failing.Remove(host);
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    private void Save()
    {
        string next = _file + ".new";
        using (var stream = File.Create(next))
        {
            JsonSerializer.Serialize(stream, _content, Json);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, _file, overwrite: true);
    }

    private sealed record Placed(string Host, DateTimeOffset At);

    private sealed record Failure(int Times, DateTimeOffset Until, string Why);

    private sealed class Content
    {
        public List<Placed> Orders { get; init; } = [];

        public Dictionary<string, Failure> Failing { get; init; } = new(StringComparer.Ordinal);
    }
}
