using ClickHouse.Driver.ADO.Parameters;

namespace Weir.Ingest.ClickHouse;

/// <summary>Values that travel beside a query and never inside its text.</summary>
public static class QueryParameters
{
    /// <summary>Parameters for the <c>{name:Type}</c> places of a query.</summary>
    public static ClickHouseParameterCollection Of(params ReadOnlySpan<(string Name, object Value)> values)
    {
        var parameters = new ClickHouseParameterCollection();
        foreach (var (name, value) in values)
            parameters.Add(new ClickHouseDbParameter { ParameterName = name, Value = value });
        return parameters;
    }
}
