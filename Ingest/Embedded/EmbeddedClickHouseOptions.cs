namespace Weir.Ingest.Embedded;

/// <summary>How the embedded ClickHouse is run.</summary>
public sealed record EmbeddedClickHouseOptions
{
    /// <summary>Weir's data folder. The tables go to <c>clickhouse/</c> in it, the log to <c>clickhouse.log</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>Program and first arguments of the child. By default this program with its hidden command.</summary>
    public IReadOnlyList<string> Command { get; init; } = OwnCommand();

    /// <summary>How long a child may take to answer after its start; large folders load their parts first.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a child may take to stop before it is killed. Data that were acknowledged are safe either way.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Wait before the first restart; it doubles up to <see cref="RestartWaitMax"/>.</summary>
    public TimeSpan RestartWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between restarts.</summary>
    public TimeSpan RestartWaitMax { get; init; } = TimeSpan.FromSeconds(10);

    // dotnet x.dll: the process is dotnet, the program its first argument.
    static IReadOnlyList<string> OwnCommand()
    {
        string process = Environment.ProcessPath ?? throw new InvalidOperationException("This process has no path.");
        return string.Equals(Path.GetFileNameWithoutExtension(process), "dotnet", StringComparison.Ordinal)
            ? [process, Environment.GetCommandLineArgs()[0], EmbeddedServer.Command]
            : [process, EmbeddedServer.Command];
    }
}

/// <summary>The embedded ClickHouse could not be started; the message is one line for people.</summary>
public sealed class EmbeddedClickHouseException : Exception
{
    /// <summary>Makes an exception.</summary>
    public EmbeddedClickHouseException() { }

    /// <summary>Makes an exception with its line.</summary>
    public EmbeddedClickHouseException(string message) : base(message) { }

    /// <summary>Makes an exception with its line and cause.</summary>
    public EmbeddedClickHouseException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Exit code of the child: one of the codes of <see cref="EmbeddedServer"/>, or 0 when there was none.</summary>
    public int ExitCode { get; init; }
}
