using System.CommandLine;
using System.CommandLine.Parsing;

namespace Weir;

/// <summary>An error that ends a command: one line for people, no stack trace.</summary>
/// <param name="message">What happened, where, and what to do.</param>
/// <param name="inner">What caused it.</param>
internal sealed class CommandException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Runs the command line and turns every error into one line and an exit code.</summary>
internal static class CommandLine
{
    public const int Failed = 1;
    public const int WrongFlags = 2;

    public static int Run(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string command = "weir";
            foreach (var result in PathOf(parsed.CommandResult))
                command += $" {result.Command.Name}";
            foreach (var error in parsed.Errors)
                Console.Error.WriteLine($"weir: {error.Message}");
            Console.Error.WriteLine($"weir: see {command} --help");
            return WrongFlags;
        }
        try
        {
            // Ctrl-C and SIGTERM are the commands' own business: they drain first.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (CommandException e)
        {
            Console.Error.WriteLine($"weir: {e.Message}");
            return Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"weir: {e.Message.TrimEnd('.')}. Mend that (space, rights, the path) and run the command again; nothing stored is lost.");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("weir: stopped.");
            return Failed;
        }
    }

    private static IEnumerable<CommandResult> PathOf(CommandResult result) =>
        result.Command is RootCommand ? [] : [.. result.Parent is CommandResult parent ? PathOf(parent) : [], result];
}
