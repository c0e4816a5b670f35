using ClickHouse.Driver.ADO.Parameters;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Reports;

/// <summary>Values for the <c>{name:Type}</c> places of a report's SQL; the SQL names the type.</summary>
internal static class ParameterExtensions
{
    public static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, string name, object value)
    {
        parameters.Add(new ClickHouseDbParameter { ParameterName = name, Value = value });
        return parameters;
    }

    /// <summary>The listed rows for a <see cref="VerdictQuery"/>.</summary>
    public static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, Amendments amendments) =>
        amendments.Rows is { Length: > 0 } rows ? parameters.With("amended", rows) : parameters;

    public static ClickHouseParameterCollection With(this ClickHouseParameterCollection parameters, TimeRange range)
    {
        range.AddTo(parameters);
        return parameters;
    }
}
