using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Weir.Analytics.Api.Hosting;
using Weir.Analytics.Api.Reports;
using Weir.Ingest.Verdicts;

namespace Weir.Analytics.Api.Endpoints;

/// <summary>Reads the parameters of one request and collects everything that is wrong with them, by name.</summary>
internal sealed class QueryCheck
{
    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);
    private ProblemHttpResult? _tooCostly;

    /// <summary>Whether something was wrong; then <paramref name="problem"/> says all of it.</summary>
    public bool Failed(out ProblemHttpResult problem)
    {
        problem = _errors.Count > 0 ? Problems.Invalid(_errors) : _tooCostly!;
        return problem is not null;
    }

    /// <summary>Notes an error; the first of each parameter stays.</summary>
    public void Error(string name, string message) => _errors.TryAdd(name, [message]);

    /// <summary>A span of time; without ends, the span of this length that ends now.</summary>
    public TimeRange Range(string? from, string? to, DateTimeOffset now, TimeSpan length)
    {
        var end = Time("to", to) ?? now;
        var start = Time("from", from) ?? (end - TimeRange.Earliest > length ? end - length : TimeRange.Earliest);
        var range = new TimeRange(start, end);
        if (range.FromMs >= range.ToMs)
            Error("from", "'from' must be before 'to' (the span is half-open: from is inside, to is not).");
        return range;
    }

    /// <summary>Refuses a span that is longer than a report may read.</summary>
    /// <param name="range">The span.</param>
    /// <param name="max">Longest one.</param>
    /// <param name="why">What the report does that makes it dear: follows "This report".</param>
    /// <param name="instead">What to ask besides a shorter span; empty when nothing else helps.</param>
    public void Span(TimeRange range, TimeSpan max, string why, string instead = "")
    {
        if (range.ToMs - range.FromMs > max.TotalMilliseconds)
            _tooCostly ??= Problems.TooCostly($"This report {why}, so its span is at most {max.TotalDays:0} days, and {(range.To - range.From).TotalDays:0.#} were asked for.",
                $"Ask for a span ('from', 'to') of at most {max.TotalDays:0} days.{(instead.Length > 0 ? " " : "")}{instead}");
    }

    /// <summary>The span before, where <c>compare</c> asks for it.</summary>
    public TimeRange? Compared(string? compare, TimeRange range, DateTimeOffset now)
    {
        if (OneOf("compare", compare, ["previous"]) is null)
            return null;
        if (range.FromMs < range.ToMs && range.Previous(now) is { } previous)
            return previous;
        Error("compare", "'compare' needs a span of the same length before this one, from 1970 on. Ask for a later 'from'.");
        return null;
    }

    /// <summary>A whole number within bounds.</summary>
    public int Int(string name, string? text, int min, int max, int otherwise)
    {
        if (string.IsNullOrEmpty(text))
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max)
            return value;
        Error(name, $"'{name}' must be a whole number from {min} to {max}.");
        return otherwise;
    }

    /// <summary>One word of a closed list; null when absent.</summary>
    public string? OneOf(string name, string? text, IEnumerable<string> words)
    {
        if (string.IsNullOrEmpty(text) || words.Contains(text, StringComparer.Ordinal))
            return string.IsNullOrEmpty(text) ? null : text;
        Error(name, $"'{name}' must be one of {string.Join(", ", words)}.");
        return null;
    }

    /// <summary>Which verdict; the newest without one.</summary>
    public string Verdict(VerdictQuery query) => OneOf("verdict", query.Verdict, VerdictSql.Choices) ?? VerdictSql.Reclassified;

    /// <summary>A free text of bounded length; null when absent.</summary>
    public string? Text(string name, string? text, int maxLength)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (text.Length <= maxLength && !text.Contains('\0'))
            return text;
        Error(name, $"'{name}' must be at most {maxLength} characters, without NUL.");
        return null;
    }

    /// <summary>A position from an earlier answer; null when absent.</summary>
    public T? Cursor<T>(string? text, JsonTypeInfo<T> form)
        where T : struct
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (Reports.Cursor.TryRead(text, form, out var position))
            return position;
        Error("cursor", "'cursor' must be the 'next' of an earlier answer, as it was given.");
        return null;
    }

    private DateTimeOffset? Time(string name, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (TimeRange.TryParseTime(text, out var time))
            return time;
        Error(name, $"'{name}' must be a time such as 2026-01-31T09:00:00Z or a date such as 2026-01-31, from 1970 to 2105.");
        return null;
    }
}
