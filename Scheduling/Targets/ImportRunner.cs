using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Weir.Control.Sql;

namespace Weir.Scheduling.Targets;

/// <summary>Runs this machine's imports one after the other, in transactions of some hundredths of a second; goes on with those that a stop interrupted.</summary>
public sealed class ImportRunner(
    SqlTargetImports imports, ImportFolder folder, SqlSiteHosts hosts, EngineCatalog engines, TimeProvider time, ILogger<ImportRunner> log) : BackgroundService
{
    // Some 100 ms: other writers wait no longer, and the import pays for few commits.
    private const int BatchSize = 2000;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Says that an import was added.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else said so at the same moment.
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var import in await imports.OpenAsync(stoppingToken))
                    await RunAsync(import, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.ImportInterrupted(e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.WhenAny(_wake.WaitAsync(stoppingToken), Task.Delay(LookEvery, time, stoppingToken));
        }
    }

    private async Task RunAsync(OpenImport import, CancellationToken stop)
    {
        await using var file = Open(import, out bool isGone);
        if (isGone)
            await imports.EndAsync(import.Id, $"The upload's file is gone. Rows up to line {import.LastLine} are imported; send the file again: what is there already changes nothing.", stop);
        if (file is null)
            return;
        await imports.BeginAsync(import.Id, stop);
        string? why = null;
        try
        {
            await ReadAsync(import, file, stop);
        }
        catch (FormatException e)
        {
            why = $"{e.Message} Rows before that place are imported. Mend the file and send it again: what is there already changes nothing.";
        }
        await imports.EndAsync(import.Id, why, stop);
        folder.Remove(import.Import.Spool);
        log.Imported(import.Id, why ?? "all rows were read");
    }

    private FileStream? Open(OpenImport import, out bool isGone)
    {
        isGone = false;
        try
        {
            var file = folder.Open(import.Import.Spool);
            isGone = file is null;
            return file;
        }
        catch (IOException)
        {
            // Another program of this machine is at it.
            return null;
        }
    }

    private async Task ReadAsync(OpenImport import, FileStream file, CancellationToken stop)
    {
        var rules = await TargetRules.ForAsync(new Reach(import.Import.Tenant, import.Import.Sites), hosts, engines, stop);
        var batch = new ImportBatch(import.LastLine);
        await foreach (var row in TargetRows.ReadAsync(file, rules, import.Import.DefaultSite, stop))
        {
            if (row.Row <= import.LastLine)
                continue;
            batch.Add(row);
            if (batch.Targets >= BatchSize || batch.Errors >= BatchSize)
                await imports.StoreAsync(import, batch.Take(), stop);
        }
        await imports.StoreAsync(import, batch.Take(), stop);
    }

    private sealed class ImportBatch(long lastLine)
    {
        private List<NewTarget> _wishes = [];
        private List<RowError> _errors = [];
        private long _lastLine = lastLine;
        private int _rows;
        private int _rejected;

        public int Targets => _wishes.Count;

        public int Errors => _errors.Count;

        public void Add(TargetRow row)
        {
            _rows++;
            _lastLine = row.Row;
            if (row.Errors.Count > 0)
                _rejected++;
            _errors.AddRange(row.Errors.Select(e => new RowError(row.Row, e.Field, e.Error)));
            _wishes.AddRange(row.Targets);
        }

        public ImportStep Take()
        {
            var step = new ImportStep(_lastLine, _rows, _wishes, _errors, _rejected);
            (_wishes, _errors, _rows, _rejected) = ([], [], 0, 0);
            return step;
        }
    }
}
