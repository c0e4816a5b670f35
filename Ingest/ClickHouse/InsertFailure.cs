using System.Net.Sockets;
using System.Text.RegularExpressions;
using ClickHouse.Driver;

namespace Weir.Ingest.ClickHouse;

/// <summary>What a failed insert means for its batch.</summary>
internal enum InsertFailureKind
{
    /// <summary>ClickHouse did not answer, or not to the end: the batch may or may not be stored. Try again.</summary>
    Unreachable,

    /// <summary>ClickHouse answered that it cannot now: disk, memory, missing table, wrong password. Try again.</summary>
    Unable,

    /// <summary>ClickHouse read the rows and refuses one of them. The same rows will be refused again.</summary>
    ContentRefused,
}

/// <summary>Sorts failed inserts, and says what happened in one line.</summary>
internal static partial class InsertFailure
{
    // https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp: what reading, converting or checking a row throws.
    // A code that is not here is tried again for ever, which loses nothing; a code that is here by mistake would lose rows.
    private static bool IsContent(int code) => code switch
    {
        6 or 26 or 27 or 32 or 33 => true,   // CANNOT_PARSE_TEXT, …_QUOTED_STRING, …_INPUT_ASSERTION, READ_AFTER_EOF, CANNOT_READ_ALL_DATA
        38 or 41 or 53 or 69 or 70 => true,  // CANNOT_PARSE_DATE, …_DATETIME, TYPE_MISMATCH, ARGUMENT_OUT_OF_BOUND, CANNOT_CONVERT_TYPE
        72 or 117 or 131 => true,            // CANNOT_PARSE_NUMBER, INCORRECT_DATA, TOO_LARGE_STRING_SIZE
        321 or 395 or 469 or 691 => true,    // VALUE_IS_OUT_OF_RANGE…, throwIf(), VIOLATED_CONSTRAINT, UNKNOWN_ELEMENT_OF_ENUM
        _ => false,
    };

    private const int NotEnoughSpace = 243;
    private const int AuthenticationFailed = 516;

    public static InsertFailureKind KindOf(Exception error) => error switch
    {
        ClickHouseServerException server when IsContent(server.ErrorCode) => InsertFailureKind.ContentRefused,
        ClickHouseServerException => InsertFailureKind.Unable,
        _ => InsertFailureKind.Unreachable,
    };

    /// <summary>One line for people: what happened and, where it is known, what to do.</summary>
    public static string Sentence(Exception error) => error switch
    {
        ClickHouseServerException { ErrorCode: NotEnoughSpace } =>
            "ClickHouse has no space left on its disk. Free some space there; nothing stored is lost.",
        ClickHouseServerException { ErrorCode: AuthenticationFailed } =>
            "ClickHouse refuses the user name or password. Check them in the settings.",
        ClickHouseServerException server => Line(server.Message),
        HttpRequestException { InnerException: SocketException socket } => $"ClickHouse does not answer: {socket.Message}.",
        HttpRequestException http => $"ClickHouse does not answer: {Line(http.Message)}",
        OperationCanceledException => "ClickHouse took too long to answer.",
        _ => Line(error.Message),
    };

    /// <summary>Whether an exception is one that a broken, full or absent store causes, and not a defect of this program.</summary>
    public static bool IsOfStore(Exception error) =>
        error is ClickHouseServerException or HttpRequestException or IOException or TimeoutException
        || (error is OperationCanceledException { InnerException: TimeoutException });

    // The server's messages carry its version and, for a constraint, the row: one line, and no longer than a terminal's few.
    private static string Line(string message)
    {
        string line = WhiteSpace().Replace(message, " ").Trim();
        return line.Length <= 300 ? line : line[..300] + "…";
    }

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex WhiteSpace();
}
