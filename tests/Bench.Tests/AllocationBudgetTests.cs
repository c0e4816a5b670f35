using Weir.Micro;
using Weir.Micro.Operations;

namespace Weir.Bench.Tests;

/// <summary>What one operation on a request's way may allocate, as committed in bench/Micro/allocations.json.</summary>
public class AllocationBudgetTests
{
    public static TheoryData<string> Operations => [.. AllOperations.List().Where(o => o.IsOurs).Select(o => o.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_allocates_no_more_than_its_budget(string name)
    {
        var operation = AllOperations.List().Single(o => o.Name == name);
        operation.SetUp();
        for (int i = 0; i < 4; i++)
            operation.RunBatch();

        Assert.InRange(Allocations.OfOne(operation), 0, Allocations.ReadBudget()[name]);
    }

    [Fact]
    public void The_budget_names_every_operation_and_no_other() =>
        Assert.Equal(AllOperations.List().Where(o => o.IsOurs).Select(o => o.Name).Order(), Allocations.ReadBudget().Keys.Order());
}
