using Weir.Faults;
using Weir.Reporting;

// bench/run starts this in the repository's root, with a small disk of its own mounted at the folder named first.
try
{
    await new FaultRun(Options.Read(args)).GoAsync();
    return 0;
}
catch (BenchException error)
{
    Console.Error.WriteLine($"bench/run faults: {error.Message}");
    return 1;
}
