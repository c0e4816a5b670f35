using ClickHouse.Driver.ADO.Parameters;

namespace Weir.Analytics.Api.Reports;

/// <summary>Values for the <c>{name:Type}</c> places of a report's SQL; the SQL names the type.</summary>
internal static class ParameterExtensions
{
    public static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, string name, object value)
    {
        parameters.Add(new ClickHouseDbParameter { ParameterName = name, Value = value });
        return parameters;
    }

    public static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, TimeRange range)
    {
        range.AddTo(parameters);
        return parameters;
    }
}
