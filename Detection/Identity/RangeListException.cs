namespace Weir.Detection.Identification;

/// <summary>Why a range list is refused.</summary>
public enum RefusalReason : byte
{
    /// <summary>It cannot be read.</summary>
    Unreadable = 0,

    /// <summary>It holds no prefix.</summary>
    Empty = 1,

    /// <summary>It holds a prefix wider than any operator owns.</summary>
    TooWide = 2,

    /// <summary>It holds private or reserved addresses.</summary>
    PrivateSpace = 3,

    /// <summary>More than half of the prefixes in use are gone.</summary>
    LostHalf = 4,

    /// <summary>It is older than the one in use.</summary>
    Older = 5,

    /// <summary>It says that it was made in the future.</summary>
    FromTheFuture = 6,
}

/// <summary>A range list that cannot be used: file, place, what is wrong and what to do are in the message.</summary>
public sealed class RangeListException : Exception
{
    /// <summary>Makes the error.</summary>
    public RangeListException(RefusalReason reason, string file, string place, string what, string mend)
        : base($"ip-ranges/{file}{(place.Length == 0 ? "" : " ")}{place}: {what} {mend}") => Reason = reason;

    /// <summary>Why it is refused.</summary>
    public RefusalReason Reason { get; }
}
