using CsCheck;
using Weir.Detection;
using Weir.Detection.Signals;

namespace Weir.Tests.Signals;

public class ClientWindowsTests
{
    private static readonly long Start = Requests.Now.ToUnixTimeMilliseconds() / 15_000 * 15_000;

    [Fact]
    public void Requests_of_the_last_minute_are_counted_and_older_ones_forgotten()
    {
        var windows = new ClientWindows(64);

        Assert.Equal(1, windows.Count(7, Start));
        Assert.Equal(2, windows.Count(7, Start + 44_000));
        Assert.Equal(2, windows.Count(7, Start + 60_000));  // the first one has left the window
        Assert.Equal(1, windows.Count(7, Start + 200_000));
        Assert.Equal(1, windows.Count(8, Start));
    }

    [Fact]
    public void A_clock_set_back_begins_anew_and_a_late_request_counts()
    {
        var windows = new ClientWindows(64);

        windows.Count(7, Start + 3_600_000);
        Assert.Equal(2, windows.Count(7, Start + 3_590_000));
        Assert.Equal(1, windows.Count(7, Start));
    }

    [Fact]
    public void One_thread_counts_as_a_plain_model_does()
    {
        var step = Gen.Select(Gen.Int[1, 5], Gen.Int[0, 20_000]);
        step.Array[1, 300].Sample(steps =>
        {
            var windows = new ClientWindows(64);
            var model = new WindowModel();
            long now = Start;
            return steps.All(s =>
            {
                now += s.Item2;
                return windows.Count((UInt128)s.Item1, now) == model.Count(s.Item1, now);
            });
        });
    }

    [Fact]
    public async Task Many_threads_lose_no_request()
    {
        const int threads = 4, perThread = 50_000, clients = 300;
        var windows = new ClientWindows(4096);
        var model = new WindowModel();
        var work = Enumerable.Range(0, threads).Select(t => Task.Run(() =>
        {
            var random = new Random(t);
            for (int i = 0; i < perThread; i++)
            {
                int client = random.Next(clients);
                windows.Count((UInt128)(client + 1), Start);
                model.Count(client + 1, Start);
            }
        }));
        await Task.WhenAll(work);

        Assert.Equal(0, windows.Evictions);
        for (int client = 1; client <= clients; client++)
            Assert.Equal(model.Count(client, Start), windows.Count((UInt128)client, Start));
    }

    [Fact]
    public async Task A_full_table_forgets_the_silent_and_counts_it()
    {
        var windows = new ClientWindows(64);
        var work = Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
                Assert.InRange(windows.Count((UInt128)((t * 20_000) + i + 1), Start + i), 1, 4 * ClientWindows.SubWindowMax);
        }));
        await Task.WhenAll(work);

        Assert.Equal(64, windows.Capacity);
        Assert.True(windows.Evictions > 70_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1 << 25)]
    public void A_size_that_is_no_power_of_two_in_range_is_refused(int clients) =>
        Assert.ThrowsAny<ArgumentException>(() => new ClientWindows(clients));

    [Fact]
    public void A_rate_that_no_person_reaches_is_evidence_and_an_unknown_address_has_none()
    {
        var detector = new Detector(Requests.Catalog, new ClientWindows(64));
        var verdict = default(Verdict);
        for (int i = 0; i < ClientWindows.ExtremeRate + 1000; i++)
            verdict = Classify(detector, "203.0.113.9", Start + (i * 10));
        var unknown = Classify(detector, "", Start);

        Assert.True(verdict.Reasons.Has(Reason.RequestRateExtreme) || verdict.Reasons.Has(Reason.RequestRateHigh));
        Assert.False(unknown.Reasons.Has(Reason.RequestRateHigh));
    }

    private static Verdict Classify(Detector detector, string address, long timeMs) => detector.Classify(new RequestFacts
    {
        TimeMs = timeMs,
        UserAgent = Requests.Chrome,
        ClientAddress = address.Length == 0 ? default : Requests.Address(address),
    });

    /// <summary>The same counts under a lock, in the plainest way.</summary>
    private sealed class WindowModel
    {
        private readonly Dictionary<int, List<long>> _ticks = [];
        private readonly Lock _lock = new();

        public int Count(int client, long timeMs)
        {
            lock (_lock)
            {
                long tick = timeMs / 15_000;
                if (!_ticks.TryGetValue(client, out var ticks))
                    _ticks.Add(client, ticks = []);
                ticks.Add(tick);
                return ticks.Where(t => t > tick - 4).GroupBy(t => t).Sum(g => Math.Min(g.Count(), ClientWindows.SubWindowMax));
            }
        }
    }
}
