namespace Weir.Scheduling.Queue;

/// <summary>Shares one lease among lanes. Pure.</summary>
internal static class Allotment
{
    /// <summary>How many scans each lane gives: one at a time to the lane with the fewest under way, while it has room.</summary>
    /// <param name="lanes">For each lane how many are under way, and how many more may be; earlier lanes go first where they are equal.</param>
    /// <param name="max">At most so many in all.</param>
    public static int[] Share(IReadOnlyList<(long UnderWay, int Room)> lanes, int max)
    {
        int[] shares = new int[lanes.Count];
        var turns = new PriorityQueue<int, (long UnderWay, int Place)>();
        for (int i = 0; i < lanes.Count; i++)
        {
            if (lanes[i].Room > 0)
                turns.Enqueue(i, (lanes[i].UnderWay, i));
        }
        for (int left = max; left > 0 && turns.TryDequeue(out int lane, out var turn); left--)
        {
            if (++shares[lane] < lanes[lane].Room)
                turns.Enqueue(lane, (turn.UnderWay + 1, lane));
        }
        return shares;
    }
}
