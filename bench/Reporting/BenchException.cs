namespace Weir.Reporting;

/// <summary>A measurement cannot be made; the message says why and what to do.</summary>
public sealed class BenchException : Exception
{
    /// <summary>Without a message.</summary>
    public BenchException()
    {
    }

    /// <summary>With what is wrong and what to do.</summary>
    public BenchException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong, what to do, and where it came from.</summary>
    public BenchException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
