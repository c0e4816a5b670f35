using System.Globalization;

namespace Weir.Ingest.Embedded;

/// <summary>Arguments of the hidden command <c>clickhouse-server</c>.</summary>
/// <param name="Folder">Data folder, full path.</param>
/// <param name="Port">Loopback port; 0 is any free one.</param>
/// <param name="ParentId">Process with which this one ends; 0 is none.</param>
/// <param name="Token">Password of every request.</param>
internal sealed record EmbeddedServerArguments(string Folder, int Port, int ParentId, string Token)
{
    /// <summary>Environment variable of the token: a command line can be read by every user of the machine.</summary>
    public const string TokenVariable = "WEIR_CLICKHOUSE_TOKEN";

    /// <summary>Reads the arguments after the command's name.</summary>
    public static bool TryRead(ReadOnlySpan<string> args, out EmbeddedServerArguments? arguments, out string problem)
    {
        arguments = null;
        string? folder = null;
        int port = 0, parent = 0;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool isRead = args[i] switch
            {
                "--data" => (folder = value).Length > 0,
                "--port" => TryNumber(value, 65535, out port),
                "--parent-pid" => TryNumber(value, int.MaxValue, out parent),
                _ => false,
            };
            if (isRead) continue;
            problem = $"clickhouse-server: {args[i]} {value} is not understood. Write --data DIR [--port N] [--parent-pid PID].";
            return false;
        }
        string? token = Environment.GetEnvironmentVariable(TokenVariable);
        problem = folder is null ? "clickhouse-server: --data DIR is missing."
            : string.IsNullOrEmpty(token) ? $"clickhouse-server: set the password in the environment variable {TokenVariable}."
            : "";
        if (problem.Length > 0) return false;
        arguments = new EmbeddedServerArguments(Path.GetFullPath(folder!), port, parent, token!);
        return true;
    }

    static bool TryNumber(string text, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= max;
}
