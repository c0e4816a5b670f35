using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Weir.Ingest.Embedded.Server;

/// <summary>A request's URL, headers and form fields, sorted into what ClickHouse's HTTP interface makes of them.</summary>
internal sealed class QueryRequest
{
    static readonly TimeSpan SessionTimeoutDefault = TimeSpan.FromSeconds(60);

    readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);
    readonly List<KeyValuePair<string, string>> _parameters = [];

    public string? Query { get; private set; }
    public string? Database { get; private set; }
    public string? Format { get; private set; }
    public string QueryId { get; private set; } = Guid.NewGuid().ToString();
    public string? SessionId { get; private set; }
    public TimeSpan SessionTimeout { get; private set; } = SessionTimeoutDefault;
    public bool SessionMustExist { get; private set; }
    public bool ClosesSession { get; private set; }
    public bool WantsCompression { get; private set; }
    public bool WaitsForEnd { get; private set; }
    public int ReadOnly { get; private set; }

    /// <summary>Settings for this statement, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>Values of <c>{name:Type}</c> in the statement.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters => _parameters;

    /// <summary>Whether the method is GET or HEAD, which may not write.</summary>
    public bool IsGet { get; private init; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="ClickHouseException">A parameter is refused.</exception>
    public static async Task<QueryRequest> ReadAsync(HttpRequest http)
    {
        QueryRequest request = new() { IsGet = !HttpMethods.IsPost(http.Method) };
        request.Format = Last(http.Headers["X-ClickHouse-Format"]);
        request.Database = Last(http.Headers["X-ClickHouse-Database"]);
        foreach (var (name, value) in http.Query) request.Put(name, Last(value) ?? "");
        // The driver may send parameters and the query as a form; files in it (external tables) are not taken.
        if (http.HasFormContentType && http.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            IFormCollection form = await http.ReadFormAsync();
            if (form.Files.Count > 0)
                throw ClickHouseException.Of(48, "NOT_IMPLEMENTED", "External tables are not available in the embedded ClickHouse.");
            foreach (var (name, value) in form) request.Put(name, Last(value) ?? "");
            request.BodyIsRead = true;
        }
        return request;
    }

    /// <summary>Whether the body was a form and nothing of it is left.</summary>
    public bool BodyIsRead { get; private set; }

    /// <summary>Adds a setting unless the client gave it.</summary>
    public void SetDefault(string name, string value) => _settings.TryAdd(name, value);

    static string? Last(StringValues values) => values.Count == 0 ? null : values[^1];

    void Put(string name, string value)
    {
        if (name.StartsWith("param_", StringComparison.Ordinal))
        {
            _parameters.Add(new(name["param_".Length..], value));
            return;
        }
        switch (name)
        {
            case "query": Query = value; break;
            case "database": Database = value.Length == 0 ? null : value; break;
            case "default_format": Format = value.Length == 0 ? Format : value; break;
            case "query_id": QueryId = Printable(value); break;
            case "session_id": SessionId = value.Length == 0 ? null : value; break;
            case "session_timeout": SessionTimeout = TimeSpan.FromSeconds(Number(name, value)); break;
            case "session_check": SessionMustExist = Flag(value); break;
            case "close_session": ClosesSession = Flag(value); break;
            case "enable_http_compression": WantsCompression = Flag(value); break;
            case "wait_end_of_query": WaitsForEnd = Flag(value); break;
            case "readonly": ReadOnly = (int)Number(name, value); break;
            case "compress" or "decompress":
                if (Flag(value)) throw ClickHouseException.Of(48, "NOT_IMPLEMENTED", $"{name}=1 is not available: use Content-Encoding and enable_http_compression.");
                break;
            case "user" or "password" or "quota_key" or "role" or "stacktrace" or "buffer_size" or "client_protocol_version"
                or "http_zlib_compression_level" or "send_progress_in_http_headers" or "http_headers_progress_interval_ms"
                or "http_write_exception_in_output_format" or "add_http_cors_header" or "cancel_http_readonly_queries_on_client_close":
                break;
            default: PutSetting(name, value); break;
        }
    }

    void PutSetting(string name, string value)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.'))
                throw ClickHouseException.Of(115, "UNKNOWN_SETTING", "Unknown setting: a setting's name has letters, digits and '_'");
        }
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            throw ClickHouseException.Of(115, "UNKNOWN_SETTING", $"Unknown setting '{name}'");
        _settings[name] = value;
    }

    static bool Flag(string value) => value is "1" or "true";

    // An id comes back as a header: nothing that would break one.
    static string Printable(string id) =>
        id.Length is > 0 and <= 256 && id.All(c => c is > ' ' and < (char)127) ? id : Guid.NewGuid().ToString();

    static long Number(string name, string value) =>
        uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw ClickHouseException.Of(36, "BAD_ARGUMENTS", $"{name} must be a number of 0 or more");
}
