using System.Text.Json;

namespace Weir.Scheduling;

/// <summary>Lists as one parameter of a statement, for <see cref="Control.SqlDialect.Values"/>.</summary>
internal static class JsonLists
{
    public static string Of(IEnumerable<long> numbers) => $"[{string.Join(',', numbers)}]";

    public static string Of(IEnumerable<string> texts) => JsonSerializer.Serialize(texts);
}
