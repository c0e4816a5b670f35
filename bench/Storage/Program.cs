using Weir.Ingest.Embedded;
using Weir.Reporting;
using Weir.Storage;
using Weir.Storage.Api;
using Weir.Storage.Outage;

// bench/run starts this in the repository's root; it starts itself again as the embedded ClickHouse, which must be first in its process.
if (args is [EmbeddedServer.Command, .. var rest])
    return EmbeddedServer.Run(rest);
return await RunAsync(args);

static async Task<int> RunAsync(string[] args)
{
    try
    {
        if (args is ["api", .. var ofApi])
            await new ApiRun(ApiOptions.Read(ofApi)).GoAsync();
        else if (args is ["outage", .. var ofOutage])
            await OutageRun.GoAsync(ofOutage);
        else
            await new Run(Options.Read(args)).GoAsync();
        return 0;
    }
    catch (BenchException error)
    {
        Console.Error.WriteLine($"bench/run: {error.Message}");
        return 1;
    }
}
