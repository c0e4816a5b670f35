using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Weir.Ingest.ClickHouse;
using Weir.Reporting;

namespace Weir.Storage.Measuring;

/// <summary>Plain statements over HTTP, for whatever takes longer than the product's own client waits.</summary>
internal sealed class StoreClient : IDisposable
{
    private readonly HttpClient _http;

    public StoreClient(ClickHouseEndpoint endpoint)
    {
        Endpoint = endpoint;
        _http = new HttpClient { BaseAddress = endpoint.Url, Timeout = TimeSpan.FromHours(2) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{endpoint.User}:{endpoint.Password}")));
    }

    public ClickHouseEndpoint Endpoint { get; }

    /// <summary>Runs a statement; its rows, split at the tabs.</summary>
    public async Task<List<string[]>> AskAsync(string sql)
    {
        using var answer = await _http.PostAsync(new Uri($"/?database={Endpoint.Database}", UriKind.Relative), new StringContent(sql));
        string text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new BenchException($"ClickHouse refuses a statement: {text.Trim()} It was: {sql}");
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))];
    }

    /// <summary>One number.</summary>
    public async Task<double> NumberAsync(string sql) => double.Parse((await AskAsync(sql))[0][0], CultureInfo.InvariantCulture);

    /// <summary>Waits until nothing is merged any more.</summary>
    public async Task WaitForMergesAsync()
    {
        for (int quiet = 0; quiet < 3;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            quiet = await NumberAsync("SELECT count() FROM system.merges") == 0 ? quiet + 1 : 0;
        }
    }

    public void Dispose() => _http.Dispose();
}
