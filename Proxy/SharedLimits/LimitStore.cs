using System.Globalization;
using StackExchange.Redis;

namespace Weir.Proxy.SharedLimits;

/// <summary>Speaks with Redis. For one caller at a time; connects when first asked and goes on trying by itself.</summary>
internal sealed class LimitStore(SharedLimitOptions options, TimeProvider time) : IAsyncDisposable
{
    // New for each process: what a process before this one let pass stays counted, as another's.
    private readonly string _edge = Random.Shared.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
    private ConnectionMultiplexer? _redis;

    /// <summary>Tells what this edge let pass. Throws nothing but for a stop.</summary>
    /// <param name="counts">What to tell.</param>
    /// <param name="others">Gets, for each, what others let pass in its window and in the one before; all in order when it went well.</param>
    /// <param name="stop">Gives it up.</param>
    public async Task<(LimitResult Result, string Why)> TellAsync(
        IReadOnlyList<LimitCount> counts, List<(LimitCount Count, int Others, int OthersBefore)> others, CancellationToken stop)
    {
        others.Clear();
        try
        {
            _redis ??= await ConnectionMultiplexer.ConnectAsync(Configuration()).WaitAsync(stop);
            if (!_redis.IsConnected)
                return (LimitResult.Unreachable, "there is no connection");
            var calls = Group(counts).Select(group => (Group: group, Answer: CallAsync(group))).ToList();
            await Task.WhenAll(calls.Select(c => c.Answer)).WaitAsync(options.AnswerTimeout, time, stop);
            foreach (var (group, answer) in calls)
                Read(group, await answer, others);
            return (LimitResult.Ok, "");
        }
        catch (Exception e) when (e is RedisException or TimeoutException or InvalidCastException)
        {
            others.Clear();
            return (ResultOf(e), Sentence(e));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    private async Task<RedisResult> CallAsync(IReadOnlyList<LimitCount> counts)
    {
        var (keys, values) = LimitScript.Call(options.KeyPrefix, _edge, counts);
        return await _redis!.GetDatabase(options.Database).ScriptEvaluateAsync(LimitScript.Text, keys, values);
    }

    // A server by itself has no slots: one call. A cluster wants the keys of a call in one slot.
    private IEnumerable<IReadOnlyList<LimitCount>> Group(IReadOnlyList<LimitCount> counts) =>
        _redis!.GetServers().Any(s => s.IsConnected && s.ServerType == ServerType.Cluster)
            ? counts.GroupBy(c => LimitScript.TagOf(c.Key)).Select(g => (IReadOnlyList<LimitCount>)[.. g])
            : [counts];

    private static void Read(IReadOnlyList<LimitCount> counts, RedisResult answer, List<(LimitCount Count, int Others, int OthersBefore)> others)
    {
        long[] sums = (long[])answer! ?? [];
        if (sums.Length != counts.Count * 2)
            throw new InvalidCastException("The answer has another length.");
        for (int i = 0; i < counts.Count; i++)
            others.Add((counts[i], Bound(sums[2 * i]), Bound(sums[(2 * i) + 1])));
    }

    // Redis is shared, and a hash of ours may be anybody's writing.
    private static int Bound(long count) => (int)Math.Clamp(count, 0, ushort.MaxValue);

    private ConfigurationOptions Configuration()
    {
        var configuration = new ConfigurationOptions
        {
            ClientName = "weir",
            User = options.User,
            Password = options.Password.Length > 0 ? options.Password : null,
            Ssl = options.IsTls,
            AbortOnConnectFail = false,
            ConnectTimeout = 2000,
            AsyncTimeout = (int)options.AnswerTimeout.TotalMilliseconds,
            // Counts are sent again as totals, so nothing needs to wait for a connection.
            BacklogPolicy = BacklogPolicy.FailFast,
            ReconnectRetryPolicy = new LinearRetry(500),
            // Scripts and hashes are all that is asked: no need for rights to more.
            AllowAdmin = false,
            DefaultDatabase = options.Database,
        };
        foreach (var server in options.Servers)
            configuration.EndPoints.Add(server);
        return configuration;
    }

    private static LimitResult ResultOf(Exception e) => e switch
    {
        TimeoutException => LimitResult.Timeout,
        RedisServerException server when IsReadOnly(server.Message) => LimitResult.ReadOnly,
        RedisServerException => LimitResult.Refused,
        RedisCommandException => LimitResult.ReadOnly,
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => LimitResult.Refused,
        RedisConnectionException => LimitResult.Unreachable,
        _ => LimitResult.Refused,
    };

    private static bool IsReadOnly(string message) =>
        ((string[])["READONLY", "OOM", "MISCONF", "NOREPLICAS"]).Any(word => message.Contains(word, StringComparison.Ordinal));

    // Redis' own words are one line and hold no password; the library's go on for many lines about its state.
    private static string Sentence(Exception e) => e switch
    {
        RedisServerException => e.Message.Length > 200 ? e.Message[..200] : e.Message,
        TimeoutException => "it did not answer in time",
        RedisCommandException => "only a replica can be reached",
        _ => "there is no connection",
    };
}
