namespace Weir.Ingest.ClickHouse;

/// <summary>The types of table <c>hits</c>, asked of the server once: an enum's names are then written in one place, the schema. Safe from any thread.</summary>
internal sealed class HitColumns(ClickHouseConnections connections)
{
    private const string Sql = "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'hits'";

    private Dictionary<string, NativeColumn> _known = [];
    private Known? _last;

    /// <summary>The columns of a list of names.</summary>
    /// <param name="names">Separated by a comma and a space: those of this weir, or of an earlier one whose rows waited on disk.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="StoreException">The table lacks one of them, or has it in a type that cannot be written.</exception>
    public async ValueTask<NativeColumn[]> OfAsync(string names, CancellationToken stop)
    {
        // Both are replaced whole and never changed: a reader sees the old or the new.
        if (Volatile.Read(ref _last) is { } last && ReferenceEquals(last.Names, names))
            return last.Columns;
        string[] list = names.Split(", ");
        if (!Array.TrueForAll(list, Volatile.Read(ref _known).ContainsKey))
            Volatile.Write(ref _known, await AskAsync(stop));
        var known = Volatile.Read(ref _known);
        var columns = Array.ConvertAll(list, name => known.GetValueOrDefault(name) ?? throw new StoreException(
            $"Table hits has no column {name}: its schema is of another weir. Start this one's weir up or weir analytics, which brings it up to date."));
        Volatile.Write(ref _last, new Known(names, columns));
        return columns;
    }

    private async Task<Dictionary<string, NativeColumn>> AskAsync(CancellationToken stop)
    {
        var known = new Dictionary<string, NativeColumn>(StringComparer.Ordinal);
        await using var reader = await connections.Client.ExecuteReaderAsync(Sql, cancellationToken: stop);
        while (await reader.ReadAsync(stop))
            known.Add(reader.GetString(0), NativeColumn.Of(reader.GetString(0), reader.GetString(1)));
        return known;
    }

    private sealed record Known(string Names, NativeColumn[] Columns);
}
