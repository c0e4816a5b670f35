using CsCheck;
using Weir.Detection.Signals;
using Weir.Detection.Signals.Clients;
using Weir.TestKit;

namespace Weir.Tests.Signals;

public class ClientWindowsTests
{
    private static readonly long Start = Requests.Now.ToUnixTimeMilliseconds() / 3_600_000 * 3_600_000;

    [Fact]
    public void Requests_of_the_last_minute_are_counted_and_older_ones_forgotten()
    {
        var windows = new ClientWindows(64);

        Assert.Equal(1, Count(windows, 7, Start));
        Assert.Equal(2, Count(windows, 7, Start + 44_000));
        Assert.Equal(2, Count(windows, 7, Start + 60_000));  // the first one has left the window
        Assert.Equal(1, Count(windows, 7, Start + 200_000));
        Assert.Equal(1, Count(windows, 8, Start));
    }

    [Fact]
    public void A_clock_set_back_begins_anew_and_a_late_request_counts()
    {
        var windows = new ClientWindows(64);

        Count(windows, 7, Start + 7_200_000);
        Assert.Equal(2, Count(windows, 7, Start + 7_190_000));
        Assert.Equal(1, Count(windows, 7, Start));
    }

    [Fact]
    public void One_thread_keeps_what_a_plain_model_keeps_whatever_the_clock_does()
    {
        var jump = Gen.Frequency((12, Gen.Int[0, 20_000]), (3, Gen.Int[0, 3_000_000]), (1, Gen.Int[-40_000_000, 40_000_000]));
        var step = Gen.Select(Gen.Int[1, 4], jump, Gen.Int[0, 30], Gen.Int[0, 9], Gen.Bool);
        step.Array[1, 300].Sample(steps =>
        {
            var windows = new ClientWindows(64);
            var model = new ClientModel();
            long now = Start;
            foreach (var (client, advance, path, kind, isBrowser) in steps)
            {
                now += advance;
                var request = Step.Request(client, now, path, kind, isBrowser);
                var answer = Step.Answer(client, now, kind);
                var seen = windows.Begin(request);
                model.Begin(client, request);
                windows.Complete(answer);
                model.Complete(client, answer);
                model.Check(client, now, seen.RequestsAMinute, windows.Look(Step.Address(client), now));
            }
        });
    }

    [Fact]
    public async Task Many_threads_lose_no_request_and_no_answer()
    {
        const int threads = 4, perThread = 30_000, clients = 400;
        var windows = new ClientWindows(4096);
        var model = new ClientModel();
        var work = Enumerable.Range(0, threads).Select(t => Task.Run(() =>
        {
            var random = new Random(t);
            for (int i = 0; i < perThread; i++)
            {
                int client = 1 + random.Next(clients), kind = random.Next(10);
                var request = Step.Request(client, Start, random.Next(20), kind, true);
                var answer = Step.Answer(client, Start, kind);
                windows.Begin(request);
                windows.Complete(answer);
                model.Begin(client, request);
                model.Complete(client, answer);
            }
        }));
        await Task.WhenAll(work);

        Assert.Equal(0, windows.Evictions);
        for (int client = 1; client <= clients; client++)
        {
            var known = windows.Look(Step.Address(client), Start);
            model.Check(client, Start, known.RequestsAMinute, known);
        }
    }

    [Fact]
    public async Task A_full_table_forgets_the_silent_and_counts_it()
    {
        var windows = new ClientWindows(64);
        var work = Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
                Assert.InRange(Count(windows, (t * 20_000) + i + 1, Start + i), 0, 4 * RateWord.SubWindowMax);
        }));
        await Task.WhenAll(work);

        Assert.Equal(64, windows.Capacity);
        Assert.True(windows.Evictions > 70_000);
    }

    [Fact]
    public void A_new_client_does_not_displace_one_that_was_just_here()
    {
        var windows = new ClientWindows(8);
        for (int client = 1; client <= 8; client++)
            Count(windows, client, Start + (client == 3 ? 0 : 600_000));

        Count(windows, 9, Start + 600_000);

        Assert.Equal(default, windows.Look(Step.Address(3), Start + 600_000));
        Assert.All([1, 2, 4, 5, 6, 7, 8, 9], client => Assert.Equal(1, windows.Look(Step.Address(client), Start + 600_000).RequestsAMinute));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1 << 25)]
    public void A_size_that_is_no_power_of_two_in_range_is_refused(int clients) =>
        Assert.ThrowsAny<ArgumentException>(() => new ClientWindows(clients));

    [Fact]
    public void A_client_takes_72_bytes()
    {
        const int clients = 1 << 16;
        long before = GC.GetAllocatedBytesForCurrentThread();
        var windows = new ClientWindows(clients);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        // Beside the clients: the table of sites' assets, 32 KB.
        Assert.InRange(bytes, 72L * clients, (72L * clients) + 40_000);
        Assert.Equal(clients, windows.Capacity);
    }

    [Fact]
    public void Keeping_a_request_and_its_answer_allocates_nothing()
    {
        var windows = new ClientWindows(1024);
        int n = 0;

        AllocationBudget.Bytes(0, () =>
        {
            n++;
            windows.Begin(Step.Request(n % 5000, Start + n, n % 30, n % 10, true));
            windows.Complete(Step.Answer(n % 5000, Start + n, n % 10));
        });
    }

    private static int Count(ClientWindows windows, int client, long timeMs) =>
        windows.Begin(Step.Request(client, timeMs, 1, 0, true)).RequestsAMinute;
}
