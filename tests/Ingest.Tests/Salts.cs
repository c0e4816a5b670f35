using Weir.Ingest.Privacy;

namespace Weir.Ingest.Tests;

/// <summary>What tests hash addresses with that are not about hashing.</summary>
internal static class Salts
{
    public static readonly DailySalts Any = new(null, TimeProvider.System);
}
