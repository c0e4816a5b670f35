using ClickHouse.Driver.ADO.Parameters;

namespace Weir.Analytics.Api.Reports;

/// <summary>Whether ClickHouse answers and has the schema.</summary>
internal sealed class StoreCheck(ReportStore store)
{
    private const string Sql = $$"""
        SELECT 1 FROM hits LIMIT 1
        {{ReportStore.Limits}}
        """;

    /// <summary>Throws when it does not.</summary>
    public Task RunAsync(CancellationToken stop) => store.ReadAsync(Sql, new ClickHouseParameterCollection(), _ => 1, stop);
}
