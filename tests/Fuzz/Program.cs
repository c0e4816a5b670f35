using SharpFuzz;
using Weir.Fuzz;

// One target a process, because afl-fuzz measures coverage a process. `Weir.Fuzz TARGET FILE…` runs inputs once and shows what fails.
if (args.Length == 1 && Environment.GetEnvironmentVariable("__AFL_SHM_ID") is not null)
{
    // Instrumented code may run only once SharpFuzz has its memory: even making the list of targets begins some.
    Fuzzer.Run(stream => Targets.All[args[0]].Read(stream));
    return 0;
}
if (args.Length < 2 || !Targets.All.TryGetValue(args[0], out var target))
{
    Console.Error.WriteLine($"fuzz: name a target and files of input: {string.Join(", ", Targets.All.Keys)}.");
    return 2;
}
foreach (string file in args.AsSpan(1))
{
    using var input = File.OpenRead(file);
    target.Read(input);
}
return 0;
