using SharpFuzz;
using Weir.Fuzz;

// One target a process, because afl-fuzz measures coverage a process. `Weir.Fuzz TARGET FILE…` runs inputs once and shows what fails.
if (args.Length == 0 || !Targets.All.TryGetValue(args[0], out var target))
{
    Console.Error.WriteLine($"fuzz: name a target: {string.Join(", ", Targets.All.Keys)}.");
    return 2;
}
if (args.Length == 1)
{
    Fuzzer.Run(target.Read);
    return 0;
}
foreach (string file in args.AsSpan(1))
{
    using var input = File.OpenRead(file);
    target.Read(input);
}
return 0;
