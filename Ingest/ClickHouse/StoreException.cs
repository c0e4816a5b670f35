namespace Weir.Ingest.ClickHouse;

/// <summary>ClickHouse cannot do what is asked, now. The message is one line: what happened and what to do.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Makes one from its line.</summary>
    public StoreException(string message) : base(message)
    {
    }

    /// <summary>Makes one from its line and cause.</summary>
    public StoreException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>Makes one without a line.</summary>
    public StoreException()
    {
    }
}
