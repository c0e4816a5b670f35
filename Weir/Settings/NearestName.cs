namespace Weir.Settings;

/// <summary>Finds the known name that a wrong one was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>The nearest name; null when none is near: more than a third of its letters would have to change.</summary>
    public static string? Of(string wrong, IEnumerable<string> known) => known
        .Select(name => (Name: name, Distance: Distance(wrong.ToLowerInvariant(), name.ToLowerInvariant())))
        .Where(n => n.Distance <= Math.Max(1, n.Name.Length / 3))
        .OrderBy(n => n.Distance)
        .Select(n => n.Name)
        .FirstOrDefault();

    // Levenshtein, one row at a time.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
