using Weir.Detection;
using Weir.Detection.Signals.Clients;

namespace Weir.Tests.Signals;

/// <summary>Requests and answers by small numbers.</summary>
internal static class Step
{
    public static ClientAddress Address(int client) => ClientAddress.FromIPv4((uint)client);

    public static ClientRequest Request(int client, long timeMs, int path, int kind, bool isBrowser) => new()
    {
        TimeMs = timeMs,
        Client = Address(client).ClientKey,
        Path = PathOf(kind),
        Mark = kind == 9 ? PathMark.Honeypot : kind == 8 ? PathMark.Beacon : PathMark.None,
        PathHash = Mix(path),
        UserAgentHash = Mix(1000 + (client * 7)),
        IsBrowserForm = isBrowser,
        HasCookie = kind == 4,
    };

    public static ClientAnswer Answer(int client, long timeMs, int kind) => new()
    {
        TimeMs = timeMs,
        Client = Address(client).ClientKey,
        Path = PathOf(kind),
        Status = kind == 5 ? (ushort)404 : (ushort)200,
        OfferedCookie = kind == 1,
        HasReferrer = kind == 2,
        SiteHasAssets = true,
    };

    private static PathClass PathOf(int kind) => kind switch { 2 => PathClass.Asset, 6 => PathClass.Icon, 7 => PathClass.RobotsTxt, 3 => PathClass.Other, _ => PathClass.Page };

    public static ulong Mix(int number) => (ulong)(number + 1) * 0x9E3779B97F4A7C15;
}

/// <summary>What the windows keep, under one lock, in the plainest way.</summary>
internal sealed class ClientModel
{
    private readonly Dictionary<int, Client> _clients = [];
    private readonly Lock _lock = new();

    public void Begin(int client, in ClientRequest request)
    {
        lock (_lock)
        {
            var c = Of(client);
            c.CountRequest(request.TimeMs / 15_000);
            long hour = request.TimeMs / 3_600_000;
            // A user agent is noted in the same word, which moves it on.
            if (request.IsBrowserForm)
                c.Mark(hour, Marks.None);
            if (request.HasCookie)
                c.Mark(hour, Marks.CookieSent);
            if (request.Mark == PathMark.Beacon)
                c.Mark(hour, Marks.BeaconRan);
            if (request.Path == PathClass.Page && request.Mark == PathMark.None)
                c.SeePage(hour, request.PathHash);
        }
    }

    public void Complete(int client, in ClientAnswer answer)
    {
        lock (_lock)
        {
            var c = Of(client);
            long hour = answer.TimeMs / 3_600_000;
            c.Counts.MoveTo(hour);
            bool isError = answer.Status is >= 400 and < 500;
            c.Counts.Answers++;
            c.Counts.Pages += answer.Path == PathClass.Page && !isError ? 1 : 0;
            c.Counts.Assets += answer.Path is PathClass.Asset or PathClass.Icon && !isError ? 1 : 0;
            c.Counts.Errors += isError ? 1 : 0;
            if (answer.OfferedCookie)
                c.Mark(hour, Marks.CookieOffered);
            if (answer.Path == PathClass.Asset)
                c.Mark(hour, Marks.Asset);
            if (answer.Path == PathClass.Icon)
                c.Mark(hour, Marks.Icon);
        }
    }

    /// <summary>Fails where what the windows say of a client is not what the model says; different pages within the sketch's error.</summary>
    public void Check(int client, long timeMs, int requestsAMinute, in Behaviour known)
    {
        var c = Of(client);
        long hour = timeMs / 3_600_000;
        c.Counts.MoveTo(hour);
        Assert.Equal((c.Requests, c.Counts.Answers, c.Counts.Pages, c.Counts.Assets, c.Counts.Errors, c.MarksOf(hour)),
            (requestsAMinute, known.Answers, known.Pages, known.Assets, known.Errors, known.Marks));
        int pages = c.PagesOf(hour);
        Assert.InRange(known.DistinctPages, (pages / 2) - 2, (pages * 3 / 2) + 2);
    }

    private Client Of(int client)
    {
        if (!_clients.TryGetValue(client, out var found))
            _clients.Add(client, found = new Client());
        return found;
    }

    private sealed class Client
    {
        private readonly long[] _counts = new long[4];
        private readonly Dictionary<long, HashSet<ulong>> _pages = [];
        private readonly HourMarks _marks = new();
        private long _tick;

        public Counts Counts { get; } = new();

        public long Requests => _counts.Sum();

        public void CountRequest(long tick)
        {
            long since = tick - _tick;
            if (since is < 0 and >= -4)
                since = 0;
            else
                _tick = tick;
            if (since is < 0 or >= 4)
                Array.Clear(_counts);
            for (; since > 0 && since < 4; since--)
                (_counts[3], _counts[2], _counts[1], _counts[0]) = (_counts[2], _counts[1], _counts[0], 0);
            _counts[0] = Math.Min(_counts[0] + 1, RateWord.SubWindowMax);
        }

        public void Mark(long hour, Marks marks) => _marks.Add(hour, marks);

        public Marks MarksOf(long hour) => _marks.Of(hour);

        // One set for even hours and one for odd ones, as there are two words.
        public void SeePage(long hour, ulong page)
        {
            long slot = hour & 1;
            if (!_pages.TryGetValue(slot, out var pages))
                _pages.Add(slot, pages = []);
            if (!pages.Contains((ulong)hour))
                pages.Clear();
            pages.Add((ulong)hour);
            pages.Add(page);
        }

        public int PagesOf(long hour) => _pages.Values.Where(p => p.Any(h => h == (ulong)hour || h == (ulong)(hour - 1) || h == (ulong)(hour + 1)))
            .SelectMany(p => p).Where(p => p > 10_000_000).Distinct().Count();
    }

    private sealed class HourMarks
    {
        private long _hour;
        private Marks _now;
        private Marks _before;

        public void Add(long hour, Marks marks)
        {
            MoveTo(hour);
            _now |= marks;
        }

        public Marks Of(long hour)
        {
            var copy = (HourMarks)MemberwiseClone();
            copy.MoveTo(hour);
            return copy._now | copy._before;
        }

        private void MoveTo(long hour)
        {
            long since = hour - _hour;
            if (since is 0 or -1)
                return;
            (_hour, _before, _now) = (hour, since == 1 ? _now : Marks.None, Marks.None);
        }
    }

    /// <summary>Counts that are halved with each hour.</summary>
    private sealed class Counts
    {
        private long _hour;

        public int Answers { get; set; }

        public int Pages { get; set; }

        public int Assets { get; set; }

        public int Errors { get; set; }

        public void MoveTo(long hour)
        {
            long since = hour - _hour;
            if (since is 0 or -1)
                return;
            _hour = hour;
            int by = since == 1 ? 2 : int.MaxValue;
            (Answers, Pages, Assets, Errors) = (Answers / by, Pages / by, Assets / by, Errors / by);
        }
    }
}
