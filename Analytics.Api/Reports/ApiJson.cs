using System.Text.Json.Serialization;
using Weir.Analytics.Api.Endpoints;
using Weir.Scheduling.Suggestions;

namespace Weir.Analytics.Api.Reports;

/// <summary>JSON forms that are no promise to anybody: positions inside cursors.</summary>
[JsonSerializable(typeof(HitPosition))]
[JsonSerializable(typeof(CountPosition))]
[JsonSerializable(typeof(QueryPlace))]
[JsonSerializable(typeof(RejectedPlace))]
internal sealed partial class ApiJson : JsonSerializerContext;
