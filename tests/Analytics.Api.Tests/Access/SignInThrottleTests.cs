using System.Net;
using Microsoft.Extensions.Time.Testing;
using Weir.Analytics.Api.Access;

namespace Weir.Analytics.Api.Tests.Access;

public class SignInThrottleTests
{
    private static readonly IPAddress Guesser = IPAddress.Parse("203.0.113.9"), Neighbour = IPAddress.Parse("203.0.113.10");

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
