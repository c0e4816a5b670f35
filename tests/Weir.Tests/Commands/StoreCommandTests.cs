using Weir.Commands;
using Weir.Ingest.Schema;

namespace Weir.Tests.Commands;

public class StoreCommandTests
{
    [Fact]
    public void A_plan_says_how_to_run_it_and_every_statement()
    {
        var (code, output) = Run("plan", "--shards", "3", "--replicas", "2", "--cluster", "crawls");

        Assert.Equal(0, code);
        Assert.Contains("-- Weir's tables on cluster 'crawls': 3 shards of 2 replicas", output, StringComparison.Ordinal);
        Assert.Contains("<internal_replication>true</internal_replication>", output, StringComparison.Ordinal);
        Assert.All(ClusterSchema.Statements(new ClusterShape("crawls", 3, 2)), s => Assert.Contains(s + ";", output, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_is_none_ends_the_command_with_what_to_write()
    {
        var error = Assert.Throws<CommandException>(() => Run("plan", "--shards", "1", "--replicas", "1", "--cluster", "a'b"));

        Assert.Contains("is no name of a cluster", error.Message, StringComparison.Ordinal);
    }

    private static (int Code, string Output) Run(params string[] args)
    {
        using var output = new StringWriter();
        int code = StoreCommand.Create().Parse(args).Invoke(new() { Output = output, EnableDefaultExceptionHandler = false });
        return (code, output.ToString());
    }
}
