using System.Text;
using Microsoft.AspNetCore.Http;
using Weir.TestKit;
using Weir.Worker.Engines;

namespace Weir.Worker.Tests;

/// <summary>One engine that answers, fails, stalls, rate-limits and lies.</summary>
public sealed class EngineClientTests : IAsyncLifetime
{
    private StandInEngine _engine = null!;

    public async ValueTask InitializeAsync() => _engine = await StandInEngine.StartAsync();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task An_answer_comes_with_its_sources_and_its_model()
    {
        _engine.Answer = (http, question) => StandInEngine.SayAsync(http, $"You asked: {question}", "stand-in-2026-01-01", ["https://a.test/", "https://b.test/"]);
        var answer = await AskAsync(o => o with { Key = "k-1", Instructions = "Be brief." });
        Assert.Equal("You asked: best widgets?", answer.Text);
        Assert.Equal(["https://a.test/", "https://b.test/"], answer.Links);
        Assert.Equal("stand-in-2026-01-01", answer.Model);
        Assert.Equal(("best widgets?", "Bearer k-1"), Assert.Single(_engine.Asked));
    }

    [Theory]
    [InlineData("<html><body>It works!</body></html>", EngineFailure.NotJson)]
    [InlineData("", EngineFailure.NotJson)]
    [InlineData("data: {\"choices\":[]}\n\ndata: [DONE]\n\n", EngineFailure.NotJson)]
    [InlineData("[1,2]", EngineFailure.NotJson)]
    [InlineData("{\"error\":{\"message\":\"overloaded\"}}", EngineFailure.ErrorBody)]
    [InlineData("{\"model\":\"stand-in\",\"choices\":[]}", EngineFailure.NoAnswer)]
    [InlineData("{\"model\":\"stand-in\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"  \"}}]}", EngineFailure.NoAnswer)]
    [InlineData("{\"model\":\"stand-in\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":null}}]}", EngineFailure.NoAnswer)]
    [InlineData("{\"model\":\"stand-in\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"\\ud800\"}}]}", EngineFailure.NoAnswer)]
    [InlineData("{\"model\":\"stand-in\",\"choices\":[{\"message\":{\"role\":17,\"content\":{\"a\":1}}}]}", EngineFailure.NoAnswer)]
    [InlineData("{\"model\":\"other\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"hi\"}}]}", EngineFailure.WrongModel)]
    [InlineData("{\"model\":\"stand-in\",\"choices\":[{\"finish_reason\":\"content_filter\",\"message\":{\"role\":\"assistant\",\"content\":\"\"}}]}", EngineFailure.Withheld)]
    public async Task A_lie_is_found_out_and_asked_once(string body, EngineFailure failure)
    {
        _engine.Answer = (http, _) => StandInEngine.SendAsync(http, body);
        Assert.Equal(failure, (await FailAsync()).Failure);
        Assert.Single(_engine.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_without_end_is_cut_off(bool saysHowLong)
    {
        _engine.Answer = async (http, _) =>
        {
            http.Response.ContentType = "application/json";
            if (saysHowLong)
                http.Response.ContentLength = 1L << 40;
            byte[] much = Encoding.ASCII.GetBytes(new string(' ', 65_536));
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.Body.WriteAsync(much, http.RequestAborted);
        };
        Assert.Equal(EngineFailure.TooLarge, (await FailAsync()).Failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_engine_that_stalls_costs_its_time_and_is_asked_again(bool saysSomethingFirst)
    {
        _engine.Answer = async (http, question) =>
        {
            if (_engine.Asked.Count == 3)
            {
                await StandInEngine.SayAsync(http, "At last.");
                return;
            }
            if (saysSomethingFirst)
                await http.Response.WriteAsync("{", http.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        };
        Assert.Equal("At last.", (await AskAsync(o => o with { Timeout = TimeSpan.FromMilliseconds(200) })).Text);
        _engine.Answer = (http, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        Assert.Equal(EngineFailure.TimedOut, (await FailAsync(o => o with { Timeout = TimeSpan.FromMilliseconds(200) })).Failure);
    }

    [Theory]
    [InlineData(500, EngineFailure.Overloaded, 3)]
    [InlineData(429, EngineFailure.RateLimited, 3)]
    [InlineData(400, EngineFailure.Refused, 1)]
    [InlineData(401, EngineFailure.Refused, 1)]
    [InlineData(302, EngineFailure.Redirected, 1)]
    public async Task The_status_says_whether_it_is_asked_again(int status, EngineFailure failure, int asked)
    {
        _engine.Answer = (http, _) =>
        {
            http.Response.Headers.Location = "http://127.0.0.1:1/";
            return StandInEngine.SendAsync(http, "{\"error\":\"secret words\"}", status: status);
        };
        var e = await FailAsync(o => o with { Key = "k-1" });
        Assert.Equal((failure, asked), (e.Failure, _engine.Asked.Count));
        Assert.DoesNotContain("secret words", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("k-1", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_Retry_After_is_waited_for_and_a_long_one_handed_on()
    {
        _engine.Answer = (http, _) =>
        {
            if (_engine.Asked.Count > 1)
                return StandInEngine.SayAsync(http, "Yes.");
            http.Response.Headers.RetryAfter = "1";
            return StandInEngine.SendAsync(http, "", status: 429);
        };
        // A wait of its own would be longer than the test's patience.
        Assert.Equal("Yes.", (await AskAsync(o => o with { RetryFirst = TimeSpan.FromMinutes(10) })).Text);

        _engine.Answer = (http, _) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return StandInEngine.SendAsync(http, "", status: 429);
        };
        var e = await FailAsync();
        Assert.Equal((EngineFailure.RateLimited, TimeSpan.FromHours(1)), (e.Failure, e.RetryAfter));
        Assert.Equal(3, _engine.Asked.Count);
    }

    [Fact]
    public async Task An_engine_that_goes_on_failing_is_left_alone_and_then_tried_once()
    {
        _engine.Answer = (http, _) => StandInEngine.SendAsync(http, "<html>");
        using var client = Client(o => o with { BreakFirst = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < 6; i++)
            await Assert.ThrowsAsync<EngineException>(() => client.AskAsync("q", CancellationToken.None));
        Assert.True(client.IsLeftAlone);
        var e = await Assert.ThrowsAsync<EngineException>(() => client.AskAsync("q", CancellationToken.None));
        Assert.Equal((EngineFailure.BreakerOpen, 6), (e.Failure, _engine.Asked.Count));

        _engine.Answer = (http, _) => StandInEngine.SayAsync(http, "Well again.");
        EngineAnswer? answer = null;
        while (answer is null)
        {
            try
            {
                answer = await client.AskAsync("q", CancellationToken.None);
            }
            catch (EngineException again) when (again.Failure == EngineFailure.BreakerOpen)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
        Assert.Equal("Well again.", answer.Text);
        Assert.False(client.IsLeftAlone);
    }

    [Fact]
    public async Task Being_told_too_many_halves_what_is_asked_at_a_time()
    {
        int refusals = 1;
        _engine.Answer = (http, _) => Interlocked.Decrement(ref refusals) >= 0
            ? StandInEngine.SendAsync(http, "", status: 429) : StandInEngine.SayAsync(http, "Yes.");
        using var client = Client(o => o with { ConcurrencyStart = 16 });
        await client.AskAsync("q", CancellationToken.None);
        Assert.Equal(8, client.Limit.Value);
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_said_to_be_so()
    {
        var url = _engine.Url;
        await _engine.DisposeAsync();
        using var client = new EngineClient(Options(url), TimeProvider.System);
        Assert.Equal(EngineFailure.Unreachable, (await Assert.ThrowsAsync<EngineException>(() => client.AskAsync("q", CancellationToken.None))).Failure);
    }

    private static EngineOptions Options(Uri url) => new() { Engine = "chatgpt", Url = url, Model = "stand-in", RetryFirst = TimeSpan.FromMilliseconds(10) };

    private EngineClient Client(Func<EngineOptions, EngineOptions>? with = null) => new((with ?? (o => o))(Options(_engine.Url)), TimeProvider.System);

    private async Task<EngineAnswer> AskAsync(Func<EngineOptions, EngineOptions>? with = null)
    {
        using var client = Client(with);
        return await client.AskAsync("best widgets?", CancellationToken.None);
    }

    private async Task<EngineException> FailAsync(Func<EngineOptions, EngineOptions>? with = null)
    {
        using var client = Client(with);
        return await Assert.ThrowsAsync<EngineException>(() => client.AskAsync("best widgets?", CancellationToken.None));
    }
}
