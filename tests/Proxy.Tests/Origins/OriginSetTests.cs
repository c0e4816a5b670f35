using Microsoft.Extensions.Time.Testing;
using Weir.Proxy.Origins;

namespace Weir.Proxy.Tests.Origins;

public class OriginSetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly OriginBook _book;
    private readonly OriginSet _set;

    public OriginSetTests()
    {
        _book = new OriginBook(_time);
        _set = _book.SetOf([new Uri("http://a:1"), new Uri("http://b:2"), new Uri("http://c:3")]);
    }

    [Fact]
    public void Origins_are_taken_in_turn() =>
        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => _set.Next().Url.Host).Distinct().Count());

    [Fact]
    public void An_origin_that_failed_is_left_out_until_its_pause_is_over()
    {
        var failed = _set.Next();
        Assert.True(failed.Failed());
        Assert.False(failed.Failed());

        Assert.DoesNotContain(failed, Enumerable.Range(0, 9).Select(_ => _set.Next()));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains(failed, Enumerable.Range(0, 9).Select(_ => _set.Next()));
    }

    [Fact]
    public void An_origin_that_answers_is_whole_again()
    {
        var origin = _set.Next();
        origin.Failed();

        Assert.True(origin.Succeeded());
        Assert.False(origin.Succeeded());
        Assert.True(origin.IsHealthy);
    }

    [Fact]
    public void The_pause_grows_to_half_a_minute_and_no_further()
    {
        var origin = _set.Next();
        for (int i = 0; i < 40; i++)
            origin.Failed();

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(origin.IsHealthy);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(origin.IsHealthy);
    }

    [Fact]
    public void When_all_failed_they_are_tried_all_the_same()
    {
        foreach (var origin in Enumerable.Range(0, 3).Select(_ => _set.Next()).ToList())
            origin.Failed();

        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => _set.Next()).Distinct().Count());
    }

    [Fact]
    public void Health_survives_a_change_of_sites()
    {
        var origin = _book.SetOf([new Uri("http://a:1")]).Next();
        origin.Failed();

        Assert.Same(origin, _book.SetOf([new Uri("http://A:1/")]).Next());
    }
}
