using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;

namespace Weir.Worker.Engines;

/// <summary>Asks each question once within a time, and once at a time, whoever waits for the answer. Safe from any thread.</summary>
/// <remarks>An answer from before the newest trigger of a scan is none for it: the page may have changed in between.</remarks>
public sealed class AnswerCache : IDisposable
{
    private readonly TimeSpan _life;
    private readonly TimeProvider _time;
    private readonly MemoryCache _kept;
    private readonly ConcurrentDictionary<string, Asking> _asking = new(StringComparer.Ordinal);

    /// <summary>Makes an empty one.</summary>
    /// <param name="life">How long an answer serves; zero for sharing those under way alone.</param>
    /// <param name="charsMax">Characters that are kept; above it the least used go.</param>
    /// <param name="time">Clock.</param>
    public AnswerCache(TimeSpan life, long charsMax, TimeProvider time)
    {
        (_life, _time) = (life, time);
        _kept = new MemoryCache(new MemoryCacheOptions { SizeLimit = charsMax });
    }

    /// <summary>Finds or asks.</summary>
    /// <param name="engine">The engine's id.</param>
    /// <param name="question">The question, byte for byte.</param>
    /// <param name="notBefore">Answers to a question asked earlier do not count.</param>
    /// <param name="ask">Asks the engine; its own business is to end.</param>
    /// <param name="stop">Ends this caller's wait, and nobody else's.</param>
    /// <returns>The answer, and whether somebody else had asked.</returns>
    public async Task<(EngineAnswer Answer, bool IsShared)> GetAsync(
        string engine, string question, DateTimeOffset notBefore, Func<Task<EngineAnswer>> ask, CancellationToken stop)
    {
        string key = KeyOf(engine, question);
        if (_kept.TryGetValue(key, out EngineAnswer? kept) && kept!.AskedAt >= notBefore && _time.GetUtcNow() - kept.AskedAt < _life)
            return (kept, true);
        Asking mine = null!;
        mine = new Asking(_time.GetUtcNow(), new Lazy<Task<EngineAnswer>>(() => AskAsync(key, mine, ask)));
        var asking = _asking.GetOrAdd(key, mine);
        if (!ReferenceEquals(asking, mine) && asking.Since < notBefore)
        {
            asking = mine;
            _asking[key] = mine;
        }
        return (await asking.Answer.Value.WaitAsync(stop), !ReferenceEquals(asking, mine));
    }

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

    private async Task<EngineAnswer> AskAsync(string key, Asking mine, Func<Task<EngineAnswer>> ask)
    {
        try
        {
            var answer = await ask();
            if (_life > TimeSpan.Zero)
                _kept.Set(key, answer, new MemoryCacheEntryOptions { Size = answer.Text.Length + answer.Links.Sum(l => l.Length) + 200, AbsoluteExpirationRelativeToNow = _life });
            return answer;
        }
        finally
        {
            _asking.TryRemove(KeyValuePair.Create(key, mine));
        }
    }

    private static string KeyOf(string engine, string question) => $"{engine} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(question)))}";

    private sealed class Asking(DateTimeOffset since, Lazy<Task<EngineAnswer>> answer)
    {
        public DateTimeOffset Since => since;

        public Lazy<Task<EngineAnswer>> Answer => answer;
    }
}
