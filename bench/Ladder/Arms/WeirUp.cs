using System.Diagnostics;
using System.Text.Json;
using Weir.Ladder.Load;
using Weir.Reporting;

namespace Weir.Ladder.Arms;

/// <summary>Weir as its users start it: `weir up` with its API and its store, whose own process does not count.</summary>
internal sealed class WeirUp() : Arm("weir-up")
{
    private int? _main;

    /// <inheritdoc/>
    public override bool NeedsWarmUp => true;

    /// <summary>The edge's process without ClickHouse's, which may stand on another machine.</summary>
    public override IReadOnlyList<int> Processes => [_main ??= base.Processes[0]];

    /// <inheritdoc/>
    protected override Process Launch(ArmSetup setup, string log)
    {
        string config = Path.Combine(setup.Folder, "weir.json");
        File.WriteAllText(config, JsonSerializer.Serialize(new
        {
            listen = $"127.0.0.1:{Port}",
            api = $"127.0.0.1:{LoopbackPort.Free()}",
            data = Path.Combine(setup.Folder, "data"),
            trustedProxies = "127.0.0.0/8",
            identity = new { reverseDns = false },
            ranges = new { refreshHours = 0 },
            sites = Enumerable.Range(0, setup.Sites).Select(i => new { id = $"s{i}", hosts = RequestFile.HostOf(i), origins = $"http://127.0.0.1:{setup.OriginPort}" }),
        }));
        return Tool.StartToWarmUp(log, Path.GetFullPath("Weir/bin/Release/net10.0/weir.dll"), "up", "--config", config);
    }
}
