using System.Collections.Concurrent;
using System.Diagnostics;
using Weir.Ingest.AccessLogs;

namespace Weir.Ingest.Tests.AccessLogs;

/// <summary>Live logs, rotated as servers and logrotate do it.</summary>
[Collection(StoreCollection.Name)]
public sealed class FollowTests(ClickHouseServer server) : IDisposable
{
    private readonly LogFolder _logs = new();
    private readonly ConcurrentQueue<string> _notes = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Lines_are_stored_as_they_are_written_and_a_line_under_way_when_it_is_whole()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 10));
        await using var follower = Follow(store);
        await store.WaitForAsync(10, Count);
        string line = LogFolder.Lines(10, 1);
        _logs.Append("a.log", line[..40]);
        _logs.Append("a.log", line[40..^1]);
        _logs.Append("a.log", "\n" + LogFolder.Lines(11, 9));
        await store.WaitForAsync(20, Count);
        var summary = await follower.StopAsync();
        Assert.Equal((20, 20, 0), (summary.Lines, summary.Stored, summary.Rejected));
        await AssertWholeAsync(store, 20);
    }

    [Fact]
    public async Task What_was_written_while_nobody_followed_is_read_by_the_next_follower()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 10));
        await (await FollowUntilAsync(store, 10)).DisposeAsync();
        _logs.Append("a.log", LogFolder.Lines(10, 10));
        await using var follower = await FollowUntilAsync(store, 20);
        var summary = await follower.StopAsync();
        Assert.Equal((10, 10), (summary.Lines, summary.Continued[0].Lines));
        await AssertWholeAsync(store, 20);
    }

    [Fact]
    public async Task From_the_end_passes_over_what_is_there_and_nothing_after_it()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 1000) + LogFolder.Lines(1000, 1)[..30]);
        await using (var first = Follow(store, o => o with { FromEnd = true }))
        {
            await first.HasBegunAsync();
            _logs.Append("a.log", LogFolder.Lines(1000, 1)[30..] + LogFolder.Lines(1001, 2));
            await store.WaitForAsync(3, Count);
        }
        _logs.Append("a.log", LogFolder.Lines(1003, 2));
        await using var second = Follow(store, o => o with { FromEnd = true });
        await store.WaitForAsync(5, Count);
    }

    [Fact]
    public async Task A_renamed_log_is_read_to_its_end_beside_the_new_one()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 10));
        await using var follower = await FollowUntilAsync(store, 10);
        _logs.Append("a.log", LogFolder.Lines(10, 5));
        File.Move(_logs["a.log"], _logs["a.log.1"]);
        _logs.Append("a.log", LogFolder.Lines(20, 10));
        await store.WaitForAsync(25, Count);
        _logs.Append("a.log.1", LogFolder.Lines(15, 5));  // the server has not opened the new one yet
        await store.WaitForAsync(30, Count);
        await AssertWholeAsync(store, 30);
        Assert.Contains(_notes, n => n.Contains("was rotated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_is_gone_for_a_while_is_waited_for()
    {
        using var store = await Store.NewAsync(server);
        await using var follower = Follow(store);
        await WaitForNoteAsync("is not there");
        _logs.Append("a.log", LogFolder.Lines(0, 10));
        await store.WaitForAsync(10, Count);
        File.Move(_logs["a.log"], _logs["elsewhere"]);
        _logs.Append("a.log", LogFolder.Lines(10, 10));
        await store.WaitForAsync(20, Count);
        await AssertWholeAsync(store, 20);
    }

    [Theory]
    [InlineData("")]
    [InlineData("copytruncate")]
    [InlineData("compress")]
    [InlineData("copytruncate compress")]
    [InlineData("dateext dateformat -%Y%m%d-%s compress")]
    public async Task Nothing_is_lost_or_doubled_when_logrotate_rotates_a_followed_log(string how)
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 1000));
        await using var follower = await FollowUntilAsync(store, 1000);
        // Dates of seconds, as this is called, do not differ between rounds.
        int rounds = how.StartsWith("dateext", StringComparison.Ordinal) ? 1 : 3;
        for (int round = 1; round <= rounds; round++)
        {
            _logs.Append("a.log", LogFolder.Lines(round * 1000, 600));
            Rotate(how);
            _logs.Append("a.log", LogFolder.Lines((round * 1000) + 600, 400));
            await store.WaitForAsync((round + 1) * 1000, Count);
        }
        await AssertWholeAsync(store, (rounds + 1) * 1000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("copytruncate")]
    [InlineData("compress")]
    [InlineData("copytruncate compress")]
    public async Task Nothing_is_lost_or_doubled_when_logrotate_rotates_twice_while_nobody_follows(string how)
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 1000));
        await (await FollowUntilAsync(store, 1000)).DisposeAsync();
        for (int round = 1; round <= 2; round++)
        {
            _logs.Append("a.log", LogFolder.Lines(round * 1000, 1000));
            // The times of rotated logs tell which came later; a day lies between in life.
            File.SetLastWriteTimeUtc(_logs["a.log"], DateTime.UnixEpoch.AddSeconds(1_700_000_000 + (round * 1000)));
            Rotate(how);
        }
        _logs.Append("a.log", LogFolder.Lines(3000, 500));
        await using var follower = await FollowUntilAsync(store, 3500);
        await AssertWholeAsync(store, 3500);
        var summary = await follower.StopAsync();
        Assert.Equal(2500, summary.Stored);
    }

    [Fact]
    public async Task A_log_of_another_name_is_never_taken_for_a_rotated_one()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 10));
        await (await FollowUntilAsync(store, 10)).DisposeAsync();
        File.Move(_logs["a.log"], _logs["a.log.1"]);
        foreach (string other in (string[])["a.log.bak", "ab.log", "a-error.log", "a.log.err.1", "xa.log.1"])
            _logs.Append(other, LogFolder.Lines(5000, 10));
        _logs.Append("a.log", LogFolder.Lines(10, 10));
        await using var follower = await FollowUntilAsync(store, 20);
        await AssertWholeAsync(store, 20);
    }

    [Fact]
    public async Task A_log_that_is_gone_for_good_is_said_to_be()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 10));
        await (await FollowUntilAsync(store, 10)).DisposeAsync();
        File.Delete(_logs["a.log"]);
        _logs.Append("a.log", LogFolder.Lines(10, 10));
        await using var follower = await FollowUntilAsync(store, 20);
        Assert.Contains(_notes, n => n.Contains("is gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_writer_that_keeps_its_place_in_a_truncated_log_leaves_nulls_that_are_passed_over()
    {
        using var store = await Store.NewAsync(server);
        await using var writer = new FileStream(_logs["a.log"], FileMode.Create, FileAccess.Write, FileShare.ReadWrite, 0);
        writer.Write(System.Text.Encoding.Latin1.GetBytes(LogFolder.Lines(0, 30_000)));
        await using var follower = await FollowUntilAsync(store, 30_000);
        using (var truncated = new FileStream(_logs["a.log"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            truncated.SetLength(0);
        writer.Write(System.Text.Encoding.Latin1.GetBytes(LogFolder.Lines(30_000, 100)));
        await store.WaitForAsync(30_100, Count);
        var summary = await follower.StopAsync();
        Assert.Equal(0, summary.Rejected);
        await AssertWholeAsync(store, 30_100);
    }

    [Fact]
    public async Task Two_may_not_follow_one_log()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("a.log", LogFolder.Lines(0, 10));
        await using var follower = await FollowUntilAsync(store, 10);
        var error = await Assert.ThrowsAsync<ImportException>(() => _logs.NewImporter(store).FollowAsync(LogFolder.Site, [_logs["a.log"]], new FollowOptions()));
        Assert.Contains("is followed by another", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_log_and_one_in_no_known_format_are_refused()
    {
        using var store = await Store.NewAsync(server);
        _logs.Append("what.log", "what is this\n");
        await File.WriteAllBytesAsync(_logs["a.gz"], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        foreach (var (name, says) in (ReadOnlySpan<(string, string)>)[("what.log", "no log format"), ("a.gz", "is packed")])
            Assert.Contains(says, Assert.Throws<ImportException>(() => _logs.NewImporter(store).FollowAsync(LogFolder.Site, [_logs[name]], new FollowOptions()).GetAwaiter().GetResult()).Message, StringComparison.Ordinal);
    }

    private const string Count = "SELECT count() FROM hits";

    private Follower Follow(Store store, Func<FollowOptions, FollowOptions>? change = null)
    {
        var options = new FollowOptions
        {
            Note = _notes.Enqueue,
            LookEvery = TimeSpan.FromMilliseconds(5),
            StoreEvery = TimeSpan.FromMilliseconds(20),
        };
        return new Follower(_logs.NewImporter(store), _logs["a.log"], change?.Invoke(options) ?? options, _logs["imports"]).Begin();
    }

    private async Task<Follower> FollowUntilAsync(Store store, long stored)
    {
        var follower = Follow(store);
        await store.WaitForAsync(stored, Count);
        return follower;
    }

    private async Task WaitForNoteAsync(string text)
    {
        for (int i = 0; i < 600 && !_notes.Any(n => n.Contains(text, StringComparison.Ordinal)); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        Assert.Contains(_notes, n => n.Contains(text, StringComparison.Ordinal));
    }

    private void Rotate(string how)
    {
        string settings = _logs["rotate.conf"];
        File.WriteAllText(settings, $"\"{_logs["a.log"]}\" {{\n rotate 10\n missingok\n {string.Join("\n ", how.Split(' ', 2) is ["dateext", var rest] ? ["dateext", .. Pairs(rest)] : how.Split(' '))}\n}}\n");
        File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var logrotate = Process.Start(new ProcessStartInfo("/usr/sbin/logrotate", ["--force", "--state", _logs["rotate.state"], settings])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        string errors = logrotate.StandardError.ReadToEnd();
        logrotate.WaitForExit();
        Assert.True(logrotate.ExitCode == 0, errors);

        // "dateformat" takes a word behind it.
        static IEnumerable<string> Pairs(string words) => [string.Join(' ', words.Split(' ')[..2]), .. words.Split(' ')[2..]];
    }

    // Every path is there once.
    private static async Task AssertWholeAsync(Store store, long lines)
    {
        await store.WaitForAsync(lines, "SELECT sum(hits) FROM hits_hourly");  // a moment behind the table
        Assert.Equal($"{lines}/{lines}", await store.TextAsync("SELECT concat(count(), '/', uniqExact(path)) FROM hits"));
        await store.AssertViewsEqualTheTableAsync();
    }

    private sealed class Follower(LogImporter importer, string file, FollowOptions options, string positions) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Task<ImportSummary>? _run;

        public Follower Begin()
        {
            _run = Task.Run(() => importer.FollowAsync(LogFolder.Site, [file], options, null, _stop.Token));
            return this;
        }

        /// <summary>Returns once it has kept where it is.</summary>
        public async Task HasBegunAsync()
        {
            while (!Directory.Exists(positions) || Directory.GetFiles(positions, "*.json").Length == 0)
            {
                Assert.False(_run!.IsCompleted, $"{_run.Exception}");
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }
        }

        public async Task<ImportSummary> StopAsync()
        {
            await _stop.CancelAsync();
            return await _run!;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }
    }
}
