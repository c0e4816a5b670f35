using CsCheck;
using Weir.Scheduling.Selection;

namespace Weir.Scheduling.Tests.Selection;

public class DueHeapTests
{
    [Fact]
    public void It_gives_what_a_sorted_list_gives() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 3].Array[0, 200], Gen.Int[0, 9].Array[200], Gen.Int[0, 1000].Array[200]).Sample((targets, steps, dues, numbers) =>
    {
        var heap = new DueHeap(targets);
        var model = new Dictionary<int, double>();
        for (int i = 0; i < steps.Length; i++)
        {
            int target = numbers[i] % targets;
            if (steps[i] == 0 && model.Count > 0)
            {
                int first = model.OrderBy(m => m.Value).ThenBy(m => m.Key).First().Key;
                Assert.Equal(model[first], heap.Earliest);
                Assert.Equal(first, heap.Pop());
                model.Remove(first);
            }
            else if (steps[i] == 1)
            {
                heap.Remove(target);
                model.Remove(target);
            }
            else
            {
                heap.Set(target, dues[i]);
                model[target] = dues[i];
            }
            Assert.Equal(model.Count, heap.Count);
            Assert.All(Enumerable.Range(0, targets), t => Assert.Equal(model.GetValueOrDefault(t, double.NaN), heap.DueOf(t)));
        }
    });
}
