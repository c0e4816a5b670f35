using CsCheck;
using Weir.Scheduling.Queue;

namespace Weir.Scheduling.Tests.Queue;

public sealed class CeilingTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(99, 5)]
    [InlineData(100, 20)]
    [InlineData(999, 20)]
    [InlineData(1000, 50)]
    [InlineData(4999, 50)]
    [InlineData(5000, 100)]
    [InlineData(1_000_000, 100)]
    public void The_ceiling_begins_by_the_number_of_due_scans(long due, int ceiling) => Assert.Equal(ceiling, Ceiling.Of(due));

    [Fact]
    public void Overload_halves_what_was_under_way_once_a_burst_and_leaves_one()
    {
        Assert.Equal(20, Ceiling.Lowered(null, 40, null));
        Assert.Null(Ceiling.Lowered(20, 40, TimeSpan.FromSeconds(1)));
        Assert.Equal(10, Ceiling.Lowered(20, 40, TimeSpan.FromSeconds(6)));
        Assert.Equal(1, Ceiling.Lowered(1, 1, TimeSpan.FromSeconds(6)));
    }

    [Fact]
    public void Enough_success_raises_any_ceiling_to_none() => Gen.Int[1, 99].Select(Gen.Int[1, 100].Array[500, 600]).Sample((start, completed) =>
    {
        int? ceiling = start;
        long passed = 0;
        foreach (int some in completed)
        {
            if (ceiling is not { } before)
                break;
            (ceiling, passed) = Ceiling.Raised(before, passed + some);
            Assert.True(ceiling is null || (ceiling >= before && passed < ceiling && ceiling < Ceiling.Max));
        }
        Assert.Null(ceiling);
    });

    [Fact]
    public void A_share_fills_the_emptiest_first_and_never_more_than_there_is_room() =>
        Gen.Select(Gen.Select(Gen.Long[0, 20], Gen.Int[0, 10]).Array[0, 12], Gen.Int[0, 60]).Sample((lanes, max) =>
        {
            int[] shares = Allotment.Share(lanes, max);
            Assert.Equal(Math.Min(max, lanes.Sum(l => l.Item2)), shares.Sum());
            for (int i = 0; i < lanes.Length; i++)
            {
                Assert.InRange(shares[i], 0, lanes[i].Item2);
                // Who got something has, without the last of it, no more than anybody who could have taken it.
                if (shares[i] > 0)
                    Assert.All(lanes.Zip(shares), other => Assert.True(other.Second == other.First.Item2 || lanes[i].Item1 + shares[i] - 1 <= other.First.Item1 + other.Second));
            }
        });
}
