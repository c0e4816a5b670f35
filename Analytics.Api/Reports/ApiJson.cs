using System.Text.Json.Serialization;

namespace Weir.Analytics.Api.Reports;

/// <summary>JSON forms that are no promise to anybody: positions inside cursors.</summary>
[JsonSerializable(typeof(HitPosition))]
[JsonSerializable(typeof(CountPosition))]
internal sealed partial class ApiJson : JsonSerializerContext;
