using System.Globalization;
using System.Net;
using Weir.Storage.Traffic;

namespace Weir.Storage.Api;

/// <summary>One answer that a user got.</summary>
/// <param name="Report">Which.</param>
/// <param name="Milliseconds">From the question to the last byte.</param>
/// <param name="Status">HTTP status.</param>
internal readonly record struct Answer(string Report, double Milliseconds, HttpStatusCode Status);

/// <summary>Somebody at the dashboard: opens a site, looks at it, goes to another view or span, and then to another site.</summary>
/// <remarks>A view asks all its questions at once, as the dashboard does. Between views people read, 8 s on average, some much longer.
/// Larger sites have more people who look. Spans end with the hour, as the dashboard's do.</remarks>
internal sealed class DashboardUser(HttpClient http, IReadOnlyList<SiteModel> sites, int seed, Func<long> nowMs, Action<Answer> note)
{
    private const double ReadingSeconds = 8;
    private const long HourMs = 3_600_000;
    private static readonly (int Hours, string Interval, int Weight)[] Spans = [(24, "hour", 5), (168, "hour", 3), (720, "day", 2)];

    // What each view of the dashboard asks for when it is opened.
    private static readonly string[][] Views =
    [
        ["summary", "anomalies", "series-audience", "crawlers-first", "pages-first", "hits-newest"],
        ["crawlers", "crawlers-habits", "series-crawler"],
        ["pages"],
        ["hits", "crawlers-names"],
        ["hits-crawler", "crawlers-names"],
        ["referrals", "series-referral"],
        ["crawlers", "series-identity", "identity"],
        ["policy"],
    ];

    private readonly Random _random = new(seed);

    /// <summary>Looks until it is stopped.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        try
        {
            await ReadAsync(stop); // not all at the same moment
            while (!stop.IsCancellationRequested)
            {
                string site = sites[Zipf.Pick(sites.Count, _random)].Id.Value;
                var span = PickSpan();
                int views = 1 + _random.Next(6);
                for (int i = 0; i < views; i++)
                {
                    await OpenAsync(Views[i == 0 ? 0 : 1 + _random.Next(Views.Length - 1)], site, span, stop);
                    await ReadAsync(stop);
                    if (_random.Next(4) == 0)
                        span = PickSpan();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private Task ReadAsync(CancellationToken stop) =>
        Task.Delay(TimeSpan.FromSeconds(Math.Min(60, -Math.Log(1 - _random.NextDouble()) * ReadingSeconds)), TimeProvider.System, stop);

    private Task OpenAsync(string[] reports, string site, (int Hours, string Interval, int Weight) span, CancellationToken stop) =>
        Task.WhenAll(reports.Select(report => AskAsync(report, site, span, stop)));

    private async Task AskAsync(string report, string site, (int Hours, string Interval, int Weight) span, CancellationToken stop)
    {
        long to = ((nowMs() / HourMs) + 1) * HourMs;
        long from = to - (span.Hours * HourMs);
        string words = report switch
        {
            "summary" => "summary?compare=previous&",
            "anomalies" => "anomalies?limit=20&",
            "crawlers-first" => "crawlers?limit=10&",
            "crawlers-habits" => "crawlers?habits=true&limit=25&",
            "crawlers-names" => "crawlers?limit=200&",
            "pages-first" => "pages?limit=10&",
            "hits-crawler" => "hits?crawler=gptbot&limit=100&",
            "hits-newest" => "hits?limit=50&",
            "hits" or "pages" or "crawlers" or "identity" => $"{report}?limit=100&",
            _ when report.StartsWith("series-", StringComparison.Ordinal) => $"series?by={report[7..]}&interval={span.Interval}&tz=UTC&",
            _ => report + "?",
        };
        var uri = new Uri(string.Create(CultureInfo.InvariantCulture, $"/v1/sites/{site}/{words}from={Time(from)}&to={Time(to)}"), UriKind.Relative);
        long began = TimeProvider.System.GetTimestamp();
        using var answer = await http.GetAsync(uri, stop);
        await answer.Content.LoadIntoBufferAsync(stop);
        note(new Answer(report, TimeProvider.System.GetElapsedTime(began).TotalMilliseconds, answer.StatusCode));
    }

    private (int Hours, string Interval, int Weight) PickSpan()
    {
        int at = _random.Next(Spans.Sum(s => s.Weight));
        return Spans.First(s => (at -= s.Weight) < 0);
    }

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
