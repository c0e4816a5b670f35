using System.Net;
using Microsoft.Extensions.Time.Testing;
using Weir.Analytics.Api.Access;

namespace Weir.Analytics.Api.Tests.Access;

public class SignInThrottleTests
{
    private static readonly IPAddress Guesser = IPAddress.Parse("203.0.113.9"), Neighbour = IPAddress.Parse("203.0.113.10");

    [Fact]
    public void A_network_of_ipv6_counts_as_one_address_and_ipv4_has_one_form()
    {
        var throttle = new SignInThrottle(new FakeTimeProvider());
        for (int i = 0; i < 10; i++)
            throttle.Failed(IPAddress.Parse($"2001:db8:1:2::{i:x}"));
        for (int i = 0; i < 10; i++)
            throttle.Failed(Guesser.MapToIPv6());

        Assert.NotEqual(TimeSpan.Zero, throttle.WaitOf(IPAddress.Parse("2001:db8:1:2:ffff::1")));
        Assert.Equal(TimeSpan.Zero, throttle.WaitOf(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.NotEqual(TimeSpan.Zero, throttle.WaitOf(Guesser));
    }

    [Fact]
    public void Refused_sign_ins_fill_the_log_to_a_bound()
    {
        var time = new FakeTimeProvider();
        var throttle = new SignInThrottle(time);

        Assert.Equal(200, Enumerable.Range(0, 1000).Count(_ => throttle.MayNote()));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(throttle.MayNote());
    }

    [Fact]
    public void Ten_wrong_keys_close_the_door_for_one_address_for_five_minutes()
    {
        var time = new FakeTimeProvider();
        var throttle = new SignInThrottle(time);
        for (int i = 1; i < 10; i++)
            Assert.False(throttle.Failed(Guesser));
        Assert.Equal(TimeSpan.Zero, throttle.WaitOf(Guesser));

        Assert.True(throttle.Failed(Guesser));

        Assert.Equal(TimeSpan.FromMinutes(5), throttle.WaitOf(Guesser));
        Assert.Equal(TimeSpan.Zero, throttle.WaitOf(Neighbour));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.Zero, throttle.WaitOf(Guesser));
        Assert.False(throttle.Failed(Guesser));
    }
}
