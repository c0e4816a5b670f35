namespace Weir.Storage;

/// <summary>Tells whoever waits for a long run how far it is.</summary>
internal static class Progress
{
    /// <summary>Prints a line with the time of day.</summary>
    public static void Say(string line) => Console.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}");
}
