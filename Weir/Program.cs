using System.CommandLine;
using Weir.Commands;
using Weir.Ingest.Embedded;

namespace Weir;

/// <summary>The way in: one command each, composed here and nowhere else.</summary>
internal static class Program
{
    /// <returns>0 when all went well; 1 for an error that the one line on standard error explains; 2 for wrong flags.</returns>
    public static int Main(string[] args)
    {
        // Before anything else in this process: the engine must find no other managed thread.
        if (args is [EmbeddedServer.Command, .. var rest])
            return EmbeddedServer.Run(rest);
        var root = new RootCommand("Weir: which crawlers read your sites, which of them are real, and what to scan because of it.");
        root.Add(UpCommand.Create());
        root.Add(EdgeCommand.Create());
        root.Add(AnalyticsCommand.Create());
        root.Add(WorkerCommand.Create());
        root.Add(TopCommand.Create());
        root.Add(ClassifyCommand.Create());
        root.Add(ImportCommand.Create());
        root.Add(RobotsCommand.Create());
        root.Add(ContentCommand.Create());
        root.Add(CatalogCommand.Create());
        root.Add(StoreCommand.Create());
        root.Add(PolicyCommand.Create());
        root.Add(ReclassifyCommand.Create());
        root.Add(CheckCommand.Create());
        root.Add(CertificatesCommand.Create());
        root.Add(KeysCommand.Create());
        root.Add(MembersCommand.Create());
        root.Add(TargetsCommand.Create());
        root.Add(SimulateCommand.Create());
        root.Add(McpCommand.Create());
        root.Add(SitesCommand.Create());
        return CommandLine.Run(root, args);
    }
}
