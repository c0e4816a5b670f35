using System.Diagnostics;
using System.Globalization;
using System.Net;
using Weir.Ladder.Load;
using Weir.Reporting;

namespace Weir.Ladder.Arms;

/// <summary>What an arm is started with.</summary>
/// <param name="Folder">For its files; empty and its own.</param>
/// <param name="OriginPort">The origin on the loopback address.</param>
/// <param name="Sites">How many hosts it serves.</param>
internal sealed record ArmSetup(string Folder, int OriginPort, int Sites = 1);

/// <summary>One way to answer a request: a program that runs on the second core and can be measured.</summary>
/// <param name="name">Its name in reports and on the command line.</param>
internal abstract class Arm(string name) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private Process? _process;

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether its program must run for a while before it is as fast as it gets.</summary>
    public virtual bool NeedsWarmUp => false;

    /// <summary>Where it answers.</summary>
    public int Port { get; private set; }

    /// <summary>Processes whose time counts.</summary>
    public virtual IReadOnlyList<int> Processes => ProcessTree.Of(_process!.Id);

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="BenchException">It does not.</exception>
    public void Start(ArmSetup setup)
    {
        Directory.CreateDirectory(setup.Folder);
        Port = LoopbackPort.Free();
        string log = Path.Combine(setup.Folder, "output.log");
        _process = Launch(setup, log);
        long began = TimeProvider.System.GetTimestamp();
        using var client = new HttpClient();
        using var pause = new ManualResetEventSlim();
        while (!Answers(client))
        {
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new BenchException($"{Name} does not answer: {File.ReadAllText(log)}");
            pause.Wait(TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Leaves it, with all that it started, the second core alone.</summary>
    public void Pin()
    {
        foreach (int process in ProcessTree.Of(_process!.Id))
            Tool.Run("taskset", "--all-tasks", "--cpu-list", "--pid", "1", process.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts the program, to answer at <see cref="Port"/>.</summary>
    protected abstract Process Launch(ArmSetup setup, string log);

    private bool Answers(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}/pricing") { Headers = { Host = RequestFile.Host } };
        request.Headers.UserAgent.ParseAdd("Mozilla/5.0");
        try
        {
            using var response = client.Send(request);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
