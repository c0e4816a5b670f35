using Weir.Worker.Engines;

namespace Weir.Worker.Tests;

/// <summary>More while it goes well, half when it does not.</summary>
public sealed class ConcurrencyLimitTests
{
    [Fact]
    public void A_round_that_goes_well_doubles_it_at_first_and_adds_one_once_it_was_too_much()
    {
        var limit = new ConcurrencyLimit(4, 40);
        for (int i = 0; i < 4; i++)
            limit.Raise();
        Assert.Equal(8, limit.Value);
        limit.Lower(limit.Round);
        Assert.Equal(4, limit.Value);
        for (int i = 0; i < 5; i++)
            limit.Raise();
        Assert.Equal(5, limit.Value);
        for (int i = 0; i < 100; i++)
            limit.Raise();
        Assert.Equal(15, limit.Value);
    }

    [Fact]
    public void Refusals_of_one_round_halve_once_and_it_never_falls_below_one()
    {
        var limit = new ConcurrencyLimit(16, 64);
        long round = limit.Round;
        for (int i = 0; i < 16; i++)
            limit.Lower(round);
        Assert.Equal(8, limit.Value);
        for (int i = 0; i < 16; i++)
            limit.Lower(limit.Round);
        Assert.Equal(1, limit.Value);
    }
}
