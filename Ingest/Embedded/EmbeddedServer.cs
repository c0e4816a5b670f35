using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Win32.SafeHandles;
using Weir.Ingest.Embedded.Engine;
using Weir.Ingest.Embedded.Server;

namespace Weir.Ingest.Embedded;

/// <summary>The child process: libchdb behind ClickHouse's HTTP protocol on loopback.</summary>
public static class EmbeddedServer
{
    /// <summary>Name of the hidden command.</summary>
    public const string Command = "clickhouse-server";

    /// <summary>Exit code: arguments not understood.</summary>
    public const int BadArguments = 2;

    /// <summary>Exit code: another process has the data folder open.</summary>
    public const int FolderInUse = 3;

    /// <summary>Exit code: no library on this machine or platform.</summary>
    public const int NoLibrary = 4;

    /// <summary>Exit code: the engine refused the data folder.</summary>
    public const int EngineRefused = 5;

    /// <summary>Exit code: the port is taken.</summary>
    public const int PortTaken = 6;

    static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Serves until SIGTERM, the end of standard input or the parent's death. Writes one line of JSON when ready.</summary>
    /// <param name="args">Arguments after the command's name: <c>--data DIR --port N --parent-pid PID</c>.</param>
    /// <returns>An exit code when it could not start; otherwise the process ends in here, with 0.</returns>
    /// <remarks>
    /// Call it first thing in Main. libchdb replaces signal handlers that .NET needs and hangs when it is first connected with
    /// other managed threads alive, so nothing may have run before it, not even the console.
    /// </remarks>
    public static int Run(string[] args)
    {
        if (!EmbeddedServerArguments.TryRead(args, out EmbeddedServerArguments? arguments, out string problem))
            return Refuse(BadArguments, problem);
        if (!LibraryFile.TryFind(out string? library, out string? missing)) return Refuse(NoLibrary, missing!);
        Directory.CreateDirectory(arguments!.Folder);
        if (IsInUse(arguments.Folder, out string holder))
        {
            return Refuse(FolderInUse,
                $"The ClickHouse data folder {arguments.Folder} is in use by process {holder}. Stop that process, or give this one another folder.");
        }
        LibraryFile.Register(library!);
        List<string> options =
        [
            $"--path={arguments.Folder}",
            // A file that is not there: else the engine reads ~/.clickhouse-local and config.xml of whoever starts it.
            $"--config-file={Path.Combine(arguments.Folder, "no-config.xml")}",
            // The proxy and the analytics run on the same machine.
            "--max_server_memory_usage_to_ram_ratio=0.5",
            // Plain ClickHouse behaviour where libchdb differs: a lone word is an error, and no look into the process.
            "--implicit_select=0",
            "--allow_introspection_functions=0",
        ];
        ChdbConnection? first = LibC.KeepingSignalHandlers(() =>
        {
            LibChdb.SetSignalHandlersEnabled(0);
            return ChdbConnection.TryOpen([.. options, $"--log_comment={LanePool.MarkOf(0)}"]);
        });
        if (first is null) return Refuse(EngineRefused, $"ClickHouse could not open the data folder {arguments.Folder}; its message is above.");
        int code = Serve(arguments, first, options);
        LibC.ExitNow(code);
        return code;
    }

    static int Serve(EmbeddedServerArguments arguments, ChdbConnection first, List<string> options)
    {
        ServerFacts facts = new("weir", TimeZoneOf(first));
        int code;
        using (LanePool lanes = new(first, OpenLanes(options), options, TimeProvider.System))
        using (SessionTable sessions = new(lanes, TimeProvider.System))
        using (WebApplication app = Build(arguments))
        {
            QueryHandler handler = new(lanes, sessions, facts, Encoding.UTF8.GetBytes(arguments.Token), TimeProvider.System, app.Logger);
            app.Run(handler.HandleAsync);
            code = RunUntilStopped(app, arguments, sessions);
        }
        // Every connection is closed: the engine's threads end before the process does.
        _ = LibChdb.Shutdown();
        return code;
    }

    static int RunUntilStopped(WebApplication app, EmbeddedServerArguments arguments, SessionTable sessions)
    {
        try
        {
            app.Start();
        }
        catch (IOException)
        {
            return Refuse(PortTaken, $"Port {arguments.Port} on 127.0.0.1 is taken by another program.");
        }
        WatchParent(arguments.ParentId, app.Lifetime);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            app.Lifetime.StopApplication();
        });
        // Ctrl+C goes to the whole process group; the parent still has rows to write and stops this process when it has.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        using ITimer sweep = TimeProvider.System.CreateTimer(_ => sessions.Sweep(), null, WatchEvery, WatchEvery);
        using ITimer watch = TimeProvider.System.CreateTimer(
            _ =>
            {
                if (arguments.ParentId != 0 && LibC.ParentId() != arguments.ParentId) app.Lifetime.StopApplication();
            },
            null, WatchEvery, WatchEvery);
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.Out.WriteLine($$"""{"port":{{new Uri(address).Port}},"pid":{{Environment.ProcessId}}}""");
        Console.Out.Flush();
        app.WaitForShutdown();
        return 0;
    }

    static WebApplication Build(EmbeddedServerArguments arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = arguments.Folder });
        // ASPNETCORE_… and appsettings.json are the parent's, not the child's.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(c => c.SingleLine = true);
        // The web server reports each broken result as an error of ours; the client has been told.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
        // Standard output carries the one line that the parent reads.
        builder.Services.Configure<ConsoleLoggerOptions>(c => c.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = DrainTime);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, arguments.Port);
            kestrel.AddServerHeader = false;
            // Batches are as large as the client makes them; query text has its own bound in RequestBody.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            // Parameters travel in the URL; http_max_uri_size of ClickHouse is as large.
            kestrel.Limits.MaxRequestLineSize = 1024 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 2 * 1024 * 1024;
        });
        return builder.Build();
    }

    // A pipe's end is the surest sign that the parent is gone, kill -9 included; the timer finds what inherits a pipe's end.
    static void WatchParent(int parent, IHostApplicationLifetime lifetime)
    {
        if (parent == 0) return;
        Thread watcher = new(() =>
        {
            using Stream input = Console.OpenStandardInput();
            byte[] nothing = new byte[64];
            while (input.Read(nothing) > 0) { }
            lifetime.StopApplication();
        })
        { IsBackground = true, Name = "parent-watch" };
        watcher.Start();
    }

    static List<ChdbConnection> OpenLanes(List<string> options)
    {
        List<ChdbConnection> connections = [];
        int count = Math.Clamp(Environment.ProcessorCount * 4, 8, 16);
        for (int i = 1; i <= count; i++)
        {
            connections.Add(ChdbConnection.TryOpen([.. options, $"--log_comment={LanePool.MarkOf(i)}"])
                ?? throw new InvalidOperationException("The engine refused a second connection."));
        }
        return connections;
    }

    static string TimeZoneOf(ChdbConnection connection)
    {
        using ChdbResult result = connection.Query("SELECT timezone()");
        byte[] text = new byte[result.Length];
        result.Read(0, text);
        return Encoding.UTF8.GetString(text).Trim();
    }

    // The engine locks this file too, but says so only in a log.
    static bool IsInUse(string folder, out string holder)
    {
        holder = "?";
        using SafeFileHandle file = LibC.OpenForReading(Path.Combine(folder, "status"));
        if (file.IsInvalid || !LibC.IsLockedElsewhere(file)) return false;
        byte[] text = new byte[64];
        string status = Encoding.ASCII.GetString(text, 0, RandomAccess.Read(file, text, 0));
        if (status.StartsWith("PID: ", StringComparison.Ordinal)) holder = status[5..].Split('\n')[0];
        return true;
    }

    // The usual lifetime stops on Ctrl+C; RunUntilStopped takes the signals instead.
    sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    static int Refuse(int code, string problem)
    {
        Console.Error.WriteLine(problem);
        return code;
    }
}
