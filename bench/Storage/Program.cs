using Weir.Ingest.Embedded;
using Weir.Reporting;
using Weir.Storage;

// bench/run starts this in the repository's root; it starts itself again as the embedded ClickHouse, which must be first in its process.
if (args is [EmbeddedServer.Command, .. var rest])
    return EmbeddedServer.Run(rest);
return await RunAsync(args);

static async Task<int> RunAsync(string[] args)
{
    try
    {
        await new Run(Options.Read(args)).GoAsync();
        return 0;
    }
    catch (BenchException error)
    {
        Console.Error.WriteLine($"bench/run store: {error.Message}");
        return 1;
    }
}
