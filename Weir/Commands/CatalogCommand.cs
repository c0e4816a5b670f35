using System.CommandLine;
using Weir.Detection.Catalog;
using Weir.Hosting;

namespace Weir.Commands;

/// <summary><c>weir catalog</c>; its <c>check</c> reads the catalog and its lists, and runs the examples in it.</summary>
internal static class CatalogCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string?>("FOLDER")
        {
            Description = "Folder that holds crawlers.json and ip-ranges/. Default: the one that ships with the program.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var check = new Command("check", "Reads the catalog and its range lists and runs its own examples.") { folder };
        check.SetAction(parsed => Check(parsed.GetValue(folder), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return new Command("catalog", "Looks after the catalog of crawlers.") { check, RangesCommand.CreateRanges(), RangesCommand.CreateRefresh() };
    }

    private static int Check(string? folder, TextWriter output, TextWriter error)
    {
        var catalog = Catalogs.Load(folder);
        var found = CatalogCheck.Run(catalog);
        output.WriteLine($"catalog {catalog.Version}: {found.Crawlers} crawlers, {found.Tokens} tokens, {found.Examples} examples");
        output.WriteLine($"range lists: {found.RangeLists} with {found.Prefixes} prefixes, from {found.OldestRangeList:yyyy-MM-dd} to {found.NewestRangeList:yyyy-MM-dd}");
        foreach (string failure in found.Failures)
            error.WriteLine($"weir: {failure}");
        output.WriteLine(found.Failures.Count == 0 ? "ok" : $"{found.Failures.Count} examples fail");
        return found.Failures.Count == 0 ? 0 : CommandLine.Failed;
    }
}
