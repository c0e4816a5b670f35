namespace Weir.Queue;

/// <summary>Some work and what it took.</summary>
/// <param name="Store">Where.</param>
/// <param name="What">What was done.</param>
/// <param name="Scans">To how many scans.</param>
/// <param name="Took">For how long.</param>
/// <param name="Cpu">Processor time of this process; a server's is not in it.</param>
internal sealed record Measured(string Store, string What, long Scans, TimeSpan Took, TimeSpan Cpu)
{
    public double PerSecond => Scans / Took.TotalSeconds;

    public static async Task<Measured> OfAsync(string store, string what, Func<Task<long>> work)
    {
        GC.Collect();
        var cpu = Environment.CpuUsage.TotalTime;
        long start = TimeProvider.System.GetTimestamp();
        long scans = await work();
        var measured = new Measured(store, what, scans, TimeProvider.System.GetElapsedTime(start), Environment.CpuUsage.TotalTime - cpu);
        Console.WriteLine($"{store}: {what}: {scans:N0} in {measured.Took.TotalSeconds:N1} s, {measured.PerSecond:N0}/s");
        return measured;
    }
}
