using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Weir.Analytics.Api.Tests.Support;

/// <summary>Keeps what the API logs, so that a failed test can show it.</summary>
public sealed class TestLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public override string ToString() => string.Join('\n', Lines);

    public void Dispose()
    {
    }
}
