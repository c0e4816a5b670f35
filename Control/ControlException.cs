namespace Weir.Control;

/// <summary>Something in the control store that a person must mend; the message says what happened, where and what to do.</summary>
public sealed class ControlException : Exception
{
    /// <summary>Makes one with its message.</summary>
    public ControlException(string message) : base(message)
    {
    }

    /// <summary>Makes one with its message and cause.</summary>
    public ControlException(string message, Exception inner) : base(message, inner)
    {
    }
}
