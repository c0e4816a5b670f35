namespace Weir.Ingest.Embedded.Server;

/// <summary>Sessions by name: each holds a lane of its own until it has been idle for its timeout.</summary>
internal sealed class SessionTable(LanePool lanes, TimeProvider time) : IDisposable
{
    /// <summary>Most sessions at once; each costs a connection and a thread. The longest idle one makes room.</summary>
    public const int Limit = 64;

    static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);
    readonly Lock _lock = new();
    readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>Takes a session for one statement; makes it when it is not there.</summary>
    /// <exception cref="ClickHouseException">In use (373), not there though it must be (372), or too many (202).</exception>
    public Session Take(string name, TimeSpan timeout, bool mustExist)
    {
        List<Session> gone = [];
        try
        {
            lock (_lock)
            {
                DateTimeOffset now = time.GetUtcNow();
                RemoveExpired(now, gone);
                if (!_sessions.TryGetValue(name, out Session? session))
                {
                    if (mustExist) throw ClickHouseException.Of(372, "SESSION_NOT_FOUND", "Session not found");
                    if (_sessions.Count >= Limit) RemoveLongestIdle(gone);
                    _sessions[name] = session = new Session(name, lanes.NewSessionLane());
                }
                if (session.IsBusy) throw ClickHouseException.Of(373, "SESSION_IS_LOCKED", "Session is locked by a concurrent client");
                session.IsBusy = true;
                session.Timeout = timeout < TimeoutMax ? timeout : TimeoutMax;
                return session;
            }
        }
        finally
        {
            foreach (Session session in gone) session.Lane.Dispose();
        }
    }

    /// <summary>Gives a session back after its statement.</summary>
    public void Return(Session session, bool close)
    {
        lock (_lock)
        {
            session.IsBusy = false;
            session.ExpiresAt = time.GetUtcNow() + session.Timeout;
            if (!close) return;
            _sessions.Remove(session.Name);
        }
        session.Lane.Dispose();
    }

    /// <summary>Closes idle sessions whose time is up.</summary>
    public void Sweep()
    {
        List<Session> gone = [];
        lock (_lock) RemoveExpired(time.GetUtcNow(), gone);
        foreach (Session session in gone) session.Lane.Dispose();
    }

    public void Dispose()
    {
        foreach (Session session in _sessions.Values) session.Lane.Dispose();
        _sessions.Clear();
    }

    void RemoveExpired(DateTimeOffset now, List<Session> gone)
    {
        foreach (Session session in _sessions.Values)
            if (!session.IsBusy && session.ExpiresAt <= now) gone.Add(session);
        foreach (Session session in gone) _sessions.Remove(session.Name);
    }

    void RemoveLongestIdle(List<Session> gone)
    {
        Session session = _sessions.Values.Where(s => !s.IsBusy).MinBy(s => s.ExpiresAt)
            ?? throw ClickHouseException.Of(202, "TOO_MANY_SIMULTANEOUS_QUERIES", $"More than {Limit} sessions are in use");
        gone.Add(session);
        _sessions.Remove(session.Name);
    }
}

/// <summary>A named session and its lane. Fields are guarded by the table's lock.</summary>
internal sealed class Session(string name, Lane lane)
{
    public string Name => name;
    public Lane Lane => lane;
    public bool IsBusy { get; set; }
    public TimeSpan Timeout { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
}
