namespace Weir.Ingest.AccessLogs;

/// <summary>An import that cannot go on. The message is one line: what happened, where, what to do.</summary>
public sealed class ImportException : Exception
{
    /// <summary>Makes one from its line.</summary>
    public ImportException(string message) : base(message)
    {
    }

    /// <summary>Makes one from its line and cause.</summary>
    public ImportException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>Makes one without a line.</summary>
    public ImportException()
    {
    }
}
