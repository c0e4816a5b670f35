using Weir.Detection;

namespace Weir.Ingest.Privacy;

/// <summary>What of a hit's address reaches a disk.</summary>
internal static class StoredAddress
{
    /// <summary>The address as the hit's site wants it stored.</summary>
    /// <param name="hit">With the whole address.</param>
    /// <param name="salts">Today's secret among others.</param>
    public static ClientAddress Of(in Hit hit, DailySalts salts) => hit.AddressForm switch
    {
        AddressForm.Full => hit.ClientAddress,
        AddressForm.Truncated => AddressForms.Truncate(hit.ClientAddress),
        AddressForm.Hashed => salts.Hash(hit.ClientAddress, hit.TimeMs),
        _ => default,
    };
}
