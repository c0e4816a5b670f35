using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Weir.Ingest.ClickHouse;

namespace Weir.Ingest.Embedded;

/// <summary>The file by which other Weir commands on the same data folder find a running server. Only its owner may read it.</summary>
/// <param name="Port">Loopback port.</param>
/// <param name="Token">Password.</param>
/// <param name="Pid">Process of the server.</param>
internal sealed record RunningServer(
    [property: JsonPropertyName("port")] int Port,
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("pid")] int Pid)
{
    static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The file's name in Weir's data folder.</summary>
    public const string FileName = "clickhouse.json";

    /// <summary>Where the server answers.</summary>
    [JsonIgnore]
    public ClickHouseEndpoint Endpoint => new(new Uri($"http://127.0.0.1:{Port}"), "default", Token);

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Write(string folder)
    {
        string path = Path.Combine(folder, FileName), draft = path + ".new";
        File.Delete(draft);
        using (FileStream file = new(draft, PrivateFile.Making())) JsonSerializer.Serialize(file, this);
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Removes the file.</summary>
    public static void Remove(string folder) => File.Delete(Path.Combine(folder, FileName));

    /// <summary>Reads the file; null when it is not there or not ours.</summary>
    public static RunningServer? Read(string folder)
    {
        try
        {
            using FileStream file = File.OpenRead(Path.Combine(folder, FileName));
            return JsonSerializer.Deserialize<RunningServer>(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a server with this token answers on this port.</summary>
    public async Task<bool> AnswersAsync(CancellationToken stop)
    {
        using HttpClient http = new() { Timeout = PingTimeout };
        string credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"default:{Token}"));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        try
        {
            string answer = await http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/?query=SELECT%201"), stop);
            return string.Equals(answer, "1\n", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return false;
        }
    }
}
