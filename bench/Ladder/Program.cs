using Weir.Ladder;
using Weir.Ladder.Serving;
using Weir.Reporting;

// bench/run starts this in the repository's root; it starts itself again for every process of a rung.
if (args is ["--serve", var step, var port, var originPort, var sites])
{
    await Server.RunAsync(Enum.Parse<Step>(step), int.Parse(port), int.Parse(originPort), int.Parse(sites));
    return 0;
}
try
{
    new Run(Options.Read(args, Run.ArmNames)).Go();
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run ladder: {error.Message}");
    return 1;
}
