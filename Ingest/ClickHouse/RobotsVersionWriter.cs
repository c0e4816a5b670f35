using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Detection;

namespace Weir.Ingest.ClickHouse;

/// <summary>Stores robots.txt files when they change: a row each time a host's differs from the newest stored. What finds the waiting room full
/// is lost and counted; the next request for the file brings it again.</summary>
internal sealed class RobotsVersionWriter(
    ClickHouseConnections connections, IngestOptions options, IngestMetrics metrics, ILogger<RobotsVersionWriter> log, TimeProvider time)
    : BackgroundService, IRobotsSink
{
    // 500 KiB each at most: 32 MB, and a few kilobytes as a rule.
    private const int Waiting = 64;

    // Hosts whose newest version is remembered; about 200 bytes each. Forgotten ones are asked of the store again.
    private const int RememberedMax = 20_000;

    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    private const string Insert = "INSERT INTO robots_versions (time, site, host, status, mode, hash, text, edge) FORMAT RowBinary";

    private const string Newest =
        "SELECT hash FROM robots_versions WHERE site = {site:String} AND host = {host:String} ORDER BY time DESC, inserted_at DESC LIMIT 1";

    private readonly Channel<RobotsSighting> _channel = Channel.CreateBounded<RobotsSighting>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly Dictionary<(SiteId Site, string Host), string> _newest = [];
    private readonly RowBuffer _row = new();
    private readonly PatientInsert _insert = new(time);
    private readonly string _run = Guid.NewGuid().ToString("n");
    private long _rows;

    /// <inheritdoc/>
    public bool TryWrite(RobotsSighting sighting)
    {
        if (_channel.Writer.TryWrite(sighting))
            return true;
        metrics.RobotsVersionsLost(1);
        return false;
    }

    /// <summary>Stores what waits, within two seconds, and counts the rest as lost.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _channel.Writer.TryComplete();
        if (ExecuteTask is { } work)
            await work.WaitAsync(StopWithin, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
        int left = _row.Rows;
        while (_channel.Reader.TryRead(out _))
            left++;
        metrics.RobotsVersionsLost(left);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var sighting in _channel.Reader.ReadAllAsync(stoppingToken))
        {
            if (HitEncoder.CanHoldTime(sighting.TimeMs))
                await StoreAsync(sighting, stoppingToken);
            else
                metrics.RobotsVersionsLost(1);
            _row.Clear();
        }
    }

    private Task StoreAsync(RobotsSighting sighting, CancellationToken stop)
    {
        Write(sighting);
        string token = $"{_run}-r{++_rows}";
        return _insert.RunAsync(
            async () =>
            {
                if (await NewestAsync(sighting, stop) == sighting.Hash)
                    return;
                await connections.Client.PostStreamAsync(Insert, _row.AsStream(0, 1), isCompressed: false, stop, PatientInsert.OptionsOf(token));
                _newest[(sighting.Site, sighting.Host)] = sighting.Hash;
                metrics.RobotsVersionStored();
            },
            why =>
            {
                metrics.RobotsVersionsLost(1);
                log.RobotsVersionRefused(sighting.Site.Value, why);
            },
            (attempt, why, wait) => log.RobotsVersionNotStored(sighting.Site.Value, attempt, why, wait),
            stop);
    }

    // Asked once a host, so that a restart writes nothing twice; null when there is none yet.
    private async Task<string?> NewestAsync(RobotsSighting sighting, CancellationToken stop)
    {
        if (_newest.TryGetValue((sighting.Site, sighting.Host), out string? hash))
            return hash;
        hash = await connections.Client.ExecuteScalarAsync(
            Newest, QueryParameters.Of(("site", sighting.Site.Value), ("host", sighting.Host)), cancellationToken: stop) as string;
        if (_newest.Count >= RememberedMax)
            _newest.Clear();
        if (hash is not null)
            _newest[(sighting.Site, sighting.Host)] = hash;
        return hash;
    }

    private void Write(RobotsSighting sighting)
    {
        _row.Write(sighting.TimeMs);
        _row.Write(sighting.Site.Value, SiteId.MaxLength);
        _row.Write(sighting.Host, HitEncoder.MaxHostChars);
        _row.Write(sighting.Status);
        _row.Write(sighting.Mode);
        _row.Write(sighting.Hash, HitEncoder.MaxHostChars);
        _row.WriteBytes(sighting.Text.Span);
        _row.Write(options.Edge, HitEncoder.MaxHostChars);
        _row.EndRow();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _row.Dispose();
        base.Dispose();
    }
}
