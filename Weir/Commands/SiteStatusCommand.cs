using System.CommandLine;
using Weir.Hosting;
using Weir.Settings;
using Weir.Sites;

namespace Weir.Commands;

/// <summary><c>weir sites status</c>: what a running edge serves, from where, and what not.</summary>
internal static class SiteStatusCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("status", "How many sites the edge of a data folder serves, from where, how fresh that is, and every definition that is not in force and why.");
        command.SetAction(parsed =>
        {
            string folder = FolderOf(parsed);
            var status = SiteStatus.Read(folder)
                ?? throw new CommandException($"no edge has run on the data folder {folder}. Name another with --data, or start one with weir up or weir edge.");
            Write(status, parsed.InvocationConfiguration.Output, TimeProvider.System.GetUtcNow());
            return status.RefusedCount == 0 ? 0 : CommandLine.Failed;
        });
        return command;
    }

    // Wrong sites in the settings are what one asks about: they are no reason not to answer.
    private static string FolderOf(ParseResult parsed)
    {
        try
        {
            return parsed.GetValue(ControlAccess.Data)
                ?? SettingsReader.ReadForEdge(parsed.GetValue(ControlAccess.Config) ?? SettingFlags.DefaultFileOrNull(), SettingsReader.Environment(), []).Data;
        }
        catch (SettingsException e)
        {
            throw new CommandException(string.Join("\nweir: ", e.Errors), e);
        }
    }

    private static void Write(SiteStatus status, TextWriter output, DateTimeOffset now)
    {
        output.WriteLine($"{Banner.Count(status.Sites, "site")} with {Banner.Count(status.Hosts, "host")}, last changed {Ago(now - status.LastChange)}; said {Ago(now - status.Written)}");
        foreach (var source in status.Sources)
            output.WriteLine($"  {source.Source,-8}  {Banner.Count(source.Sites, "site")}, read in good order {Age.Of(status.Written - source.Seen)} before that");
        if (status.RefusedCount == 0)
            return;
        output.WriteLine($"not in force as written: {Banner.Count(status.RefusedCount, "error")}");
        foreach (string line in status.Refused)
            output.WriteLine($"  {TerminalText.Clean(line, 1000)}");
        if (status.RefusedCount > status.Refused.Count)
            output.WriteLine($"  … and {status.RefusedCount - status.Refused.Count} more");
    }

    private static string Ago(TimeSpan age) => $"{Age.Of(age)} ago";
}
