namespace Weir.Detection.Places;

/// <summary>The places in force. Safe from any thread; a new table is swapped in whole.</summary>
public sealed class PlaceBook
{
    private PlaceTable _table = PlaceTable.Empty;

    /// <summary>The table in force.</summary>
    public PlaceTable Table
    {
        get => Volatile.Read(ref _table);
        // Publishes a finished table; pairs with the read above.
        set => Volatile.Write(ref _table, value);
    }

    /// <summary>Where an address is. Allocates nothing.</summary>
    public Place Find(ClientAddress address)
    {
        var table = Table;
        return ReferenceEquals(table, PlaceTable.Empty) ? default : table.Find(address);
    }
}
