namespace Weir.Ingest.Schema;

/// <summary>The store's schema and this program do not fit. The message is one line: what, where, what to do.</summary>
public sealed class SchemaException : Exception
{
    /// <summary>Makes one from its line.</summary>
    public SchemaException(string message) : base(message)
    {
    }

    /// <summary>Makes one from its line and cause.</summary>
    public SchemaException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>Makes one without a line.</summary>
    public SchemaException()
    {
    }
}
