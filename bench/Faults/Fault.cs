namespace Weir.Faults;

/// <summary>What goes wrong.</summary>
internal enum Fault
{
    /// <summary>The store's process is killed.</summary>
    KillStore,

    /// <summary>The edge's process is killed; the store ends by itself.</summary>
    KillEdge,

    /// <summary>Both are killed at the same moment.</summary>
    KillBoth,

    /// <summary>The store answers nothing for some seconds.</summary>
    HangStore,

    /// <summary>The disk of both is full for some seconds.</summary>
    FillDisk,

    /// <summary>The store's process is killed while the disk is full.</summary>
    KillStoreOnFullDisk,

    /// <summary>Stopped as a service manager does, and started again.</summary>
    Restart,
}

/// <summary>A fault that ended the edge's process.</summary>
/// <param name="PromisedMs">Until when the writer had said that all is stored or counted, milliseconds since 1970.</param>
/// <param name="KilledMs">When it was killed.</param>
internal readonly record struct EdgeKill(long PromisedMs, long KilledMs)
{
    /// <summary>Whether a hit of this request may have been in the edge's memory alone.</summary>
    public bool MayCost(Answered request) => request.AnsweredMs >= PromisedMs && request.SentMs <= KilledMs;
}

/// <summary>Does it, and brings everything back.</summary>
internal sealed class FaultMaker(WeirProcess weir, PromiseWatch promises, string disk, Random random)
{
    /// <summary>Kills of the edge so far.</summary>
    public List<EdgeKill> EdgeKills { get; } = [];

    /// <summary>Lets a fault happen.</summary>
    public Task MakeAsync(Fault fault) => fault switch
    {
        Fault.KillStore => KillStoreAsync(),
        Fault.KillEdge => KillEdgeAsync(withStore: false),
        Fault.KillBoth => KillEdgeAsync(withStore: true),
        Fault.HangStore => HangStoreAsync(),
        Fault.FillDisk => FillDiskAsync(KeepFullAsync),
        Fault.KillStoreOnFullDisk => FillDiskAsync(KillStoreAsync),
        Fault.Restart => RestartAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    private Task KillStoreAsync()
    {
        if (weir.StoreId is { } store)
            WeirProcess.Signal("KILL", store);
        return Task.CompletedTask;
    }

    private async Task KillEdgeAsync(bool withStore)
    {
        int store = weir.StoreId ?? 0;
        long promised = promises.PromisedMs;
        if (withStore && store != 0)
            WeirProcess.Signal("KILL", weir.Id, store);
        else
            WeirProcess.Signal("KILL", weir.Id);
        await weir.WaitForExitAsync();
        EdgeKills.Add(new EdgeKill(promised, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
        if (store != 0)
            await WeirProcess.WaitUntilGoneAsync(store);
        await weir.StartAsync();
    }

    private async Task HangStoreAsync()
    {
        if (weir.StoreId is not { } store)
            return;
        WeirProcess.Signal("STOP", store);
        await Task.Delay(TimeSpan.FromSeconds(1 + (5 * random.NextDouble())), TimeProvider.System);
        WeirProcess.Signal("CONT", store);
    }

    private async Task FillDiskAsync(Func<Task> meanwhile)
    {
        string ballast = Path.Combine(disk, "ballast");
        try
        {
            byte[] block = new byte[1 << 20];
            await using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
                await file.WriteAsync(block);
        }
        catch (IOException)
        {
            // Full.
        }
        await meanwhile();
        await Task.Delay(TimeSpan.FromSeconds(1 + (3 * random.NextDouble())), TimeProvider.System);
        File.Delete(ballast);
        // A store that could not start again on a full disk tries by itself.
    }

    private static Task KeepFullAsync() => Task.CompletedTask;

    private async Task RestartAsync()
    {
        int store = weir.StoreId ?? 0;
        WeirProcess.Signal("TERM", weir.Id);
        await weir.WaitForExitAsync();
        if (store != 0)
            await WeirProcess.WaitUntilGoneAsync(store);
        await weir.StartAsync();
    }
}
