using System.Globalization;
using Weir.Analytics.Api.Reports;
using Weir.Delivery;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Pages of deliveries, newest first.</summary>
internal static class DeliveryCursor
{
    /// <summary>A place in the list; null for its begin.</summary>
    public static (long CreatedMs, string Id)? Read(string? cursor, QueryCheck check)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        if (cursor.Split('-', 2) is [var ms, var last] && SqlDestinations.IsId(last) && long.TryParse(ms, NumberStyles.None, CultureInfo.InvariantCulture, out long createdMs))
            return (createdMs, last);
        check.Error("cursor", "'cursor' must be the 'next' of an earlier answer, as it was given.");
        return null;
    }

    /// <summary>A page with where the next begins.</summary>
    public static Page<DeliveryView> Page(IReadOnlyList<DeliveryView> page, int rows) => new(
        page, page.Count < rows ? null : string.Create(CultureInfo.InvariantCulture, $"{page[^1].Created.ToUnixTimeMilliseconds()}-{page[^1].Id}"));
}
