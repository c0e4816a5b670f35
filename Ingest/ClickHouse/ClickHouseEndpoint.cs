namespace Weir.Ingest.ClickHouse;

/// <summary>Where ClickHouse answers: an operator's server or the embedded one; the rest of the code sees no difference.</summary>
/// <param name="Url">HTTP interface, such as <c>http://127.0.0.1:8123</c>.</param>
/// <param name="User">User name.</param>
/// <param name="Password">Password; never logged.</param>
/// <param name="Database">Database that holds Weir's tables; made by the schema's first migration.</param>
public sealed record ClickHouseEndpoint(Uri Url, string User = "default", string Password = "", string Database = "weir")
{
    /// <inheritdoc/>
    public override string ToString() => $"{Url} (user {User}, database {Database})";
}
