namespace Weir.Accuracy;

/// <summary>The bench cannot be run; the message says why and what to do.</summary>
internal sealed class BenchException(string message, Exception? inner = null) : Exception(message, inner);
